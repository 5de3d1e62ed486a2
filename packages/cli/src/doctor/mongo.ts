import { collectionsOf, mongoSchema } from "@stellaops/cutover";
import { refused, type ModuleDefinition } from "@stellaops/kernel";
import { verifyMongo } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";
import type { Context } from "../context.ts";
import { reachMongo } from "../servers.ts";
import type { Probes } from "./probe.ts";

/** As for PostgreSQL: more, and instants of two machines cannot be compared. */
const maxSkewMs = 500;

/** Server, replica set, clock, collections and indexes. */
export async function lookAtMongo({ connections }: Context, module: ModuleDefinition, probes: Probes): Promise<void> {
  const there = await probes.look("mongodb", async () => {
    const { version, replicaSet } = await reachMongo(connections.mongo(module.name));
    return `MongoDB ${version}, replica set ${replicaSet}`;
  });
  if (!there) return probes.skip(["mongodb clock", "mongodb indexes"], "MongoDB was not reached, or is of no use");
  const mongo = connections.mongo(module.name);
  await probes.look("mongodb clock", () => clock(mongo));
  await probes.look("mongodb indexes", async () => {
    for (const set of [mongoSchema, collectionsOf(module)]) await verifyMongo(mongo.db, set);
    return "collections and indexes are as declared";
  });
}

async function clock({ db }: Mongo): Promise<string> {
  const asked = Date.now();
  const { localTime } = await db.admin().command({ hello: 1 });
  const at = localTime instanceof Date ? localTime.getTime() : Number.NaN;
  const skew = Math.max(asked - at, at - Date.now());
  if (skew <= maxSkewMs) return "this machine's clock and the server's agree";
  throw refused("CLOCK_SKEW", `this machine's clock is ${skew} ms off MongoDB's; set both by NTP`);
}
