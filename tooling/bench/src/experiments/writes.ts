import type { Stage } from "@stellaops/cutover";
import { bulkLoad as intoMongo } from "@stellaops/mongo";
import { bulkLoad as intoPostgres } from "@stellaops/postgres";
import type { Advisory, Vuln } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { latencies, quantile, rounded, type Load } from "../latency.ts";
import { median, type Way } from "../measure.ts";
import { staged } from "../module-stage.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";

/** Below what the machine can do, so that a caller's time is told and not the queue in front of it. */
const paced: Load = { callers: 4, pauseMs: 20, ms: 1_000 };
const unit = "ms, p50 of an update of one advisory; 4 callers, 20 ms between their calls; medians over the rounds";

/** P4: what replication adds to a write on either primary, and what a caller pays who waits for the secondary. */
export const writes: Experiment = async ({ rig, rounds, log }) => {
  const stored = [...advisoriesOf(1_000, 1)];
  const [inMongo, inPostgres] = [stored.slice(0, 500), stored.slice(500)];
  await intoPostgres(rig.replicator.pool, definition, tenant, stored);
  await intoMongo(rig.mongo, definition, tenant, stored);
  await rig.sql("create schema bench");
  await rig.sql("create table bench.plain (tenant_id text, id uuid, body jsonb, primary key (tenant_id, id))");
  await rig.sql("grant usage on schema bench to vuln_app");
  await rig.sql("grant insert on bench.plain to vuln_app");
  await rig.sql("analyze");
  const stage = await staged(rig, "mongo");
  const [module, awaiting] = [await stage.open(), await stage.open({ await: "secondary" })];
  const measured = async (alone: Stage, replicated: Stage, all: readonly Advisory[], plain: Way): Promise<Medians> => {
    log(`  ${alone} and ${replicated}`);
    const [update, awaited] = updatesOf([module, awaiting], all);
    const medians = new Medians();
    // The first round only warms up.
    for (let round = 0; round <= rounds; round += 1) {
      await stage.goTo(alone);
      await medians.add("alone", update, round);
      await medians.add("plain", plain, round);
      await stage.goTo(replicated);
      await medians.add("replicated", update, round);
      await stage.drained();
      await medians.add("awaited", awaited, round);
      await stage.drained();
    }
    return medians;
  };
  const mongo = await measured("mongo", "dual-write", inMongo, plainMongo(rig));
  await stage.goTo("live");
  const postgres = await measured("postgres", "live", inPostgres, plainPostgres(rig));
  await Promise.all([module.close(), awaiting.close()]);
  const slower = Math.max(mongo.of("alone"), postgres.of("alone"));
  return [...rowsOf("mongo", "dual-write", mongo, slower), ...rowsOf("postgres", "live", postgres, slower)];
};

class Medians {
  readonly #found = new Map<string, number[]>();
  #turns = 0;

  async add(name: string, way: Way, round: number): Promise<void> {
    const found = await latencies(way, paced, this.#turns);
    this.#turns += found.length;
    if (round > 0) this.#found.set(name, [...(this.#found.get(name) ?? []), quantile(found, 0.5)]);
  }

  of(name: string): number {
    return median(this.#found.get(name) ?? []);
  }
}

/** Each turn takes another advisory: nobody writes the same one again and again. */
function updatesOf(modules: readonly [Vuln, Vuln], all: readonly Advisory[]): readonly [Way, Way] {
  const revisions = new Map<string, bigint>();
  const update =
    ({ tenant: of }: Vuln): Way =>
    async (turn) => {
      const one = all[turn % all.length]!;
      const known = revisions.get(one.id) ?? 1n;
      revisions.set(one.id, await of(tenant).advisories.put({ ...one, title: `turn ${turn}` }, known));
    };
  return [update(modules[0]), update(modules[1])];
}

/** What a driver does by itself: one document of the same size, acknowledged as durably. */
function plainMongo({ mongo }: Rig): Way {
  const documents = mongo.db.collection("plain");
  const [one] = advisoriesOf(1, 3);
  return () => documents.insertOne({ ...one, tenantId: tenant, revision: 1n });
}

function plainPostgres({ plain }: Rig): Way {
  const [one] = advisoriesOf(1, 3);
  const json = JSON.stringify(one);
  const text = "insert into bench.plain (tenant_id, id, body) values ($1, gen_random_uuid(), $2)";
  return () => plain.app.query({ name: "plain", text, values: [tenant, json] });
}

function rowsOf(alone: string, replicated: string, medians: Medians, slower: number): readonly Row[] {
  const [one, both, awaited, plain] = ["alone", "replicated", "awaited", "plain"].map((name) => medians.of(name)) as [
    number,
    number,
    number,
    number,
  ];
  const row = (name: string, over: number, under: number, reach: Row["reach"], parts: Row["parts"]): Row => ({
    experiment: "P4",
    name,
    ratio: over / under,
    reach,
    parts,
    unit,
  });
  return [
    row(
      `write in ${replicated} ÷ the same in ${alone}, both under the live source`,
      both,
      one,
      { most: 1.2 },
      {
        [replicated]: rounded(both),
        [alone]: rounded(one),
      },
    ),
    {
      ...row(
        `write in ${replicated} that waits for the secondary ÷ the slower of mongo and postgres`,
        awaited,
        slower,
        { most: 1.15 },
        {
          awaited: rounded(awaited),
          slower: rounded(slower),
        },
      ),
      note: "State is replicated, not calls: the secondary's transaction begins when the primary's has ended and its state was read, so the two times add up.",
    },
    row(`write in ${replicated} ÷ a plain insert by ${alone}'s driver`, both, plain, null, {
      [replicated]: rounded(both),
      plain: rounded(plain),
    }),
  ];
}
