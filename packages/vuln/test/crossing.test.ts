import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  backfill,
  changeStage,
  compareModule,
  drainedOf,
  findingsOf,
  guardOf,
  initialise,
  installMongo,
  installPostgres,
  mongoReplica,
  mongoShadow,
  mongoSide,
  postgresReplica,
  postgresShadow,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
  type Comparison,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import { expect, test } from "vitest";
import { openVuln, vuln, type Vuln } from "../src/index.ts";
import { allVerbs, startLoad, type Acknowledged, type Load } from "./crossing-load.ts";

/** Forward, back to MongoDB alone, and forward again: every stage in both directions. */
const way: readonly Stage[] = [
  ...(["dual-write", "shadow", "live", "ramp-down", "postgres"] as const),
  ...(["ramp-down", "live", "shadow", "dual-write", "mongo"] as const),
  ...(["dual-write", "shadow", "live", "ramp-down", "postgres"] as const),
];

async function rig() {
  const database = await postgresDatabase({
    template: "vuln",
    prepare: (url) => installPostgres({ module: vuln, url }),
  });
  const documents = await mongoDatabase();
  const app = await loginRole("vuln_crossing_service", { memberOf: ["vuln_app"] });
  const all = await loginRole("vuln_crossing_copier", { memberOf: ["stella_replicator"], bypassRls: true });
  const urls = { postgres: roleUrl(database.url, app.name, app.password), mongo: documents.url };
  const postgres = openPostgres({ url: urls.postgres, max: 6 });
  const copier = openPostgres({ url: roleUrl(database.url, all.name, all.password), max: 4 });
  const mongo = openMongo({ url: urls.mongo });
  await installMongo({ module: vuln, db: mongo.db });
  const sides = { postgres: postgresSide(copier.pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) };
  const replicas = { postgres: postgresReplica(copier.pool, vuln), mongo: mongoReplica(mongo, vuln) };
  const progress = progressOf(copier.pool, vuln.name);
  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`no stage: ${situation.kind}`);
  };
  const compare = async (): Promise<Comparison> =>
    compareModule({ module: vuln, postgres: copier.pool, mongo: mongo.db, view: await view() });
  const guard = guardOf({
    module: vuln.name,
    replicas,
    progress,
    mongo: mongo.db,
    shadows: { postgres: postgresShadow(copier.pool, vuln.name), mongo: mongoShadow(mongo.db) },
    // How many are sampled is the machine's to say; that none differs is not.
    minShadowReads: 0,
    compare,
    migrations: () => Promise.resolve(),
    confirm: () => Promise.resolve(true),
    patienceMs: 30_000,
  });
  const opened: Vuln[] = [];
  return {
    urls,
    compare,
    view,
    begin: () => initialise({ sides, module: vuln.name, stage: "mongo", by: "test", reason: "begin" }),
    async open(): Promise<Vuln> {
      const module = await openVuln({ postgres, mongo, stage: "record" });
      opened.push(module);
      return module;
    },
    backfill: () => backfill({ module: vuln, replicas, sides, progress, view, batch: 100 }),
    pending: async () => (await replicas.postgres.backlog()).pending,
    advance: (target: Stage) =>
      changeStage({ sides, target, guard, by: "test", reason: `to ${target}`, drained: drainedOf(replicas) }),
    async [Symbol.asyncDispose]() {
      for (const module of opened) await module.close();
      await Promise.all([postgres.close(), copier.close(), mongo.close()]);
      await database.expectNoLeaks();
      await documents.expectNoLeaks();
      await database.drop();
      await documents.drop();
    },
  };
}

/** The load in a process of its own. */
function startChild(urls: { readonly postgres: string; readonly mongo: string }) {
  const script = fileURLToPath(new URL("crossing-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@stellaops/source", script], {
    env: { ...process.env, POSTGRES: urls.postgres, MONGO: urls.mongo },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const acknowledged: Acknowledged = new Map();
  const exited = once(child, "exit");
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const [key = "", revision] = line.split(" ");
      acknowledged.set(key, revision === "null" ? null : BigInt(revision ?? ""));
    }
  })();
  return {
    acknowledged,
    async stop(): Promise<unknown> {
      child.stdin.end();
      await reading;
      const [code] = await exited;
      return code;
    },
  };
}

/** Acknowledged writes that are not stored as they were acknowledged. */
async function missing(module: Vuln, tenant: string, acknowledged: Acknowledged): Promise<readonly string[]> {
  const scope = module.tenant(tenant);
  const faults: string[] = [];
  for (const [key, revision] of acknowledged) {
    const [name = "", id = ""] = key.split("/");
    const found = await scope[name as "sources"].get(id);
    const stored = found?.revision ?? null;
    if (stored !== revision) faults.push(`${key}: acknowledged at ${revision}, stored at ${stored}`);
  }
  return faults;
}

test(
  "every verb goes on through all stages, back and forth, and nothing that was acknowledged is lost",
  { timeout: 180_000 },
  async () => {
    await using at = await rig();
    await at.begin();
    const modules = [await at.open(), await at.open()] as const;
    const loads: readonly (readonly [string, Load])[] = [
      ["acme", startLoad(modules[0], "acme", 1)],
      ["umbrella", startLoad(modules[1], "umbrella", 2)],
    ];
    const child = startChild(at.urls);
    /** Every load has gone once through all of its verbs under the stage that was reached. */
    const underLoad = async (): Promise<void> => {
      const before = loads.map(([, load]) => load.rounds());
      const told = child.acknowledged.size;
      const went = () =>
        child.acknowledged.size > told && loads.every(([, load], i) => load.rounds() > (before[i] ?? 0));
      await expect.poll(went, { interval: 10, timeout: 60_000 }).toBe(true);
    };
    await underLoad();
    for (const stage of way) {
      await at.advance(stage);
      const { secondary, generation } = await at.view();
      const copied = secondary === null ? generation : (await at.backfill()).generation;
      expect(copied).toBe(generation);
      await underLoad();
    }
    await at.advance("ramp-down");
    await at.backfill();
    for (const [, load] of loads) await load.stop();
    expect(await child.stop()).toBe(0);
    await expect.poll(at.pending, { interval: 20, timeout: 20_000 }).toBe(0);

    const comparison = await at.compare();
    expect(comparison.aggregates.flatMap(({ findings }) => findings)).toEqual([]);
    expect(findingsOf(comparison)).toBe(0);
    expect(comparison.aggregates.every(({ rows }) => rows.mongo > 0)).toBe(true);
    for (const [tenant, { acknowledged, verbs }] of loads) {
      expect([...verbs].toSorted()).toEqual(allVerbs.toSorted());
      expect(acknowledged.size).toBeGreaterThan(way.length * 10);
      expect(await missing(modules[0], tenant, acknowledged)).toEqual([]);
    }
    expect(child.acknowledged.size).toBeGreaterThan(100);
    expect(await missing(modules[1], "child", child.acknowledged)).toEqual([]);
  },
);
