import { isDataLayerError } from "@stellaops/kernel";
import { checkService, type Postgres } from "@stellaops/postgres";
import { describeSchemas } from "@stellaops/testkit/schema";
import { tenantTables, type TenantTable } from "@stellaops/testkit/tenancy";
import { vuln } from "@stellaops/vuln";
import pg from "pg";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { attack } from "../policies/attacks.ts";
import { fill } from "../policies/fill.ts";
import type { Mutant } from "../policies/mutant.ts";
import { mutantsOf } from "../policies/mutants.ts";
import { randomOf } from "../random.ts";
import { rigOf } from "../rig.ts";

const sabotages = {
  "blind-probe": "the attacks only read",
  "no-startup-check": "a service starts with any role and any policies",
} as const;

export const policies: Experiment = {
  claim:
    "every policy, FORCE, WITH CHECK, grant, role attribute and tenant key, weakened alone, is caught by an attack, by the start-up refusal, or, where no attack can see it, by the schema's snapshot",
  full: "every mutant of the catalogue; the small form too, where the time allows",
  seconds: 40,
  sabotages,
  run,
};

type Catch = "attack" | "start-up" | "snapshot" | "nobody";

async function run(setting: Setting): Promise<Outcome> {
  const { servers, seed, seconds, sabotage, signal, log } = setting;
  await using rig = await rigOf(servers, null);
  const client = new pg.Client({ connectionString: rig.urls.superuser });
  await client.connect();
  try {
    await fill(client);
    const tables = await tenantTables(client, vuln);
    const snapshot = await described(client);
    const scene: Scene = { client, tables, snapshot, sabotage };
    const falseAlarm = await caught(scene, { kind: "none", name: "nothing", sql: "", table: null });
    const mutants = shuffled(await mutantsOf(client), seed);
    const deadline = performance.now() + seconds * 1_000;
    const caughtBy: Record<Catch, number> = { attack: 0, "start-up": 0, snapshot: 0, nobody: 0 };
    const broken =
      falseAlarm.by === "nobody" ? [] : [`nothing was weakened, and ${falseAlarm.by} says: ${falseAlarm.says}`];
    let tried = 0;
    for (const mutant of mutants) {
      if (signal.aborted || performance.now() > deadline) break;
      tried += 1;
      const { by } = await caught(scene, mutant);
      caughtBy[by] += 1;
      if (by === "nobody" || (by === "snapshot" && mutant.static !== true)) {
        const sentence = `${mutant.kind}: ${mutant.name}: ${by === "nobody" ? "nobody notices" : "only the snapshot tells"}`;
        log(sentence);
        broken.push(sentence);
      }
    }
    const kinds = Object.entries(Object.groupBy(mutants, ({ kind }) => kind)).map(
      ([kind, of]) => `${kind} ${of?.length ?? 0}`,
    );
    return {
      counts: { mutants: mutants.length, tried, ...caughtBy, kinds: kinds.toSorted().join(", ") },
      broken,
    };
  } finally {
    await client.end();
  }
}

interface Scene {
  readonly client: pg.Client;
  readonly tables: readonly TenantTable[];
  readonly snapshot: string;
  readonly sabotage: string | null;
}

/** The mutant lives in a transaction that is rolled back: also roles and grants do. */
async function caught(
  { client, tables, snapshot, sabotage }: Scene,
  mutant: Mutant,
): Promise<{ by: Catch; says: string }> {
  await client.query("begin");
  try {
    await client.query(mutant.sql);
    const touched = mutant.table === null ? tables : tables.filter(({ name }) => name === mutant.table);
    const asks: readonly (readonly [Catch, () => Promise<string | null>])[] = [
      ["attack", () => attack(client, { tables: touched, readsOnly: sabotage === "blind-probe" })],
      ["start-up", async () => (sabotage === "no-startup-check" ? null : refused(client))],
    ];
    // What concerns no table is attacked through all of them; the start-up check is one statement.
    for (const [by, ask] of mutant.table === null ? asks.toReversed() : asks) {
      const says = await ask();
      if (says !== null) return { by, says };
    }
    const now = await described(client);
    return now === snapshot ? { by: "nobody", says: "" } : { by: "snapshot", says: "the catalogue is another one" };
  } finally {
    await client.query("rollback");
  }
}

const described = (client: pg.Client): Promise<string> =>
  describeSchemas(client, [vuln.schema, `${vuln.schema}_app`, "cutover"]);

/** As a service's start: the check asks one statement, here of this transaction. */
async function refused(client: pg.Client): Promise<string | null> {
  await client.query("savepoint start; set local role vuln_app");
  try {
    await checkService({ pool: client } as unknown as Postgres, {
      schema: vuln.schema,
      aggregates: vuln.aggregates,
      also: ["cutover"],
    });
    return null;
  } catch (error) {
    if (!isDataLayerError(error)) throw error;
    return error.code;
  } finally {
    await client.query("rollback to start; release start");
  }
}

/** Roles first, since only the start-up check can catch some of them: a sample must not be without. */
function shuffled(mutants: readonly Mutant[], seed: number): readonly Mutant[] {
  const random = randomOf(seed).fork("policies");
  const first = (kind: string): number => (kind === "role attribute" || kind === "membership" ? 0 : 1);
  return mutants
    .map((mutant) => ({ mutant, at: first(mutant.kind) + random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant);
}
