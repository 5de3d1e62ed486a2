import { setTimeout as wait } from "node:timers/promises";
import { drainedOf, findingsOf, showStage, type Seams } from "@stellaops/cutover";
import { GLOBAL } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import type { Servers } from "@stellaops/servers";
import { openVuln, vuln, type Vuln } from "@stellaops/vuln";
import { rigOf, type Rig } from "../rig.ts";

/** One database, or both under a stage, that answers commands. */
export interface Store extends AsyncDisposable {
  readonly name: string;
  /** Whether a key that is created again continues above its last revision. */
  readonly registered: boolean;
  at(tenant: string): ReturnType<Vuln["tenant"]>;
  /** What differs between the two databases once everything has been applied; null when nothing does. */
  settled(): Promise<string | null>;
  /** Empties everything. */
  reset(): Promise<void>;
}

const scopes = (module: Vuln) => (tenant: string) => (tenant === GLOBAL ? module.shared() : module.tenant(tenant));

/** One database for good. */
export async function fixedStore(servers: Servers, word: "mongo" | "postgres"): Promise<Store> {
  const rig = await rigOf(servers, null);
  const postgres = openPostgres({ url: rig.urls.app, max: 4 });
  const mongo = openMongo({ url: rig.urls.mongo, database: rig.database });
  const module = await openVuln({ postgres, mongo, stage: word });
  return {
    name: word,
    registered: false,
    at: scopes(module),
    settled: () => Promise.resolve(null),
    reset: () => emptied(rig, null),
    async [Symbol.asyncDispose]() {
      await module.close();
      await Promise.all([postgres.close(), mongo.close()]);
      await rig[Symbol.asyncDispose]();
    },
  };
}

/** Both databases under a live source. */
export async function dualStore(servers: Servers, stage: "shadow" | "live", seams: Seams = {}): Promise<Store> {
  const rig = await rigOf(servers, stage === "shadow" ? "mongo" : "postgres");
  const opened = await rig.open({ seams });
  const { primary, epoch } = await rig.goTo(stage);
  const { situation } = await showStage(rig.sides);
  if (!("at" in situation)) throw new Error("the module has no stage");
  const drained = drainedOf(rig.replicas);
  return {
    name: `${stage}, primary ${primary}`,
    registered: true,
    at: scopes(opened.module),
    async settled() {
      const deadline = performance.now() + 20_000;
      while (!(await drained(situation.at, null))) {
        if (performance.now() > deadline) return "something stays pending or parked";
        await wait(5);
      }
      const comparison = await rig.compare();
      if (findingsOf(comparison) === 0) return null;
      return told(comparison.aggregates.flatMap(({ findings }) => findings)[0]);
    },
    // An apply that had read its key before the reset may come after it, and the next sequence uses the same keys.
    async reset() {
      do {
        await emptied(rig, epoch);
        await wait(50);
      } while (!(await isEmpty(rig)));
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

/** On MongoDB as a unit of the epoch, so that nobody takes it for the write of another program. */
async function emptied({ mongo: { db, client }, sql }: Rig, epoch: bigint | null): Promise<void> {
  const tables = vuln.aggregates.map(({ table }) => table);
  await sql(`${tables.map((table) => `delete from vuln.${table};`).join(" ")} delete from cutover.register`);
  await client.withSession((session) =>
    session.withTransaction(async () => {
      if (epoch !== null) await db.collection(`epoch_${epoch}`).insertOne({}, { session });
      for (const name of [...tables, "register"]) await db.collection(name).deleteMany({}, { session });
    }),
  );
}

async function isEmpty({ mongo: { db }, sql }: Rig): Promise<boolean> {
  const [entries, documents] = await Promise.all([
    sql("select from cutover.register limit 1"),
    db.collection("register").find().limit(1).toArray(),
  ]);
  return entries.length === 0 && documents.length === 0;
}

const told = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
