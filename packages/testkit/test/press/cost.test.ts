import { guardOf, tenantId, type Guard } from "@stellaops/kernel";
import { outcomeOf, withPostgres } from "@stellaops/testkit";
import {
  mongoRig,
  postgresRig,
  watchCommands,
  watchFlushes,
  type MongoRig,
  type PostgresRig,
} from "@stellaops/testkit/module";
import { afterAll, beforeAll, expect, it } from "vitest";
import { guardedUpdate } from "../../../mongo/src/guarded.ts";
import { guardedStatements } from "../../../postgres/src/guarded.ts";
import { ownStatement } from "../../../postgres/src/own.ts";
import { papers } from "./aggregates.ts";
import type { Papers, PressRepositories } from "./repositories.ts";
import { paper } from "./samples.ts";
import { press } from "./wiring.ts";

let postgres: PostgresRig<PressRepositories>;
let mongo: MongoRig<PressRepositories>;
beforeAll(async () => void ([postgres, mongo] = await Promise.all([postgresRig(press), mongoRig(press)])));
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

/** How many round trips a change takes, and one that is refused. */
async function trips(on: Papers, watch: { during(work: () => Promise<unknown>): Promise<readonly unknown[]> }) {
  const one = paper();
  await on.put(one, 0n);
  const changed = await watch.during(() => on.put({ ...one, notes: [] }, 1n));
  const altered = await watch.during(() => on.alter({ where: { id: one.id }, set: { status: "published" } }));
  const refused = await watch.during(() => outcomeOf(() => on.put(one, 3n)));
  const missed = await watch.during(() => outcomeOf(() => on.alter({ where: { id: one.id }, set: { code: "x" } })));
  return [changed, altered, refused, missed].map(({ length }) => length);
}

it("a rule that freezes costs no round trip, and one where it refuses", async () => {
  // Those of any aggregate: 2 and 1.
  expect(await trips(postgres.at("acme").papers, watchFlushes(postgres))).toEqual([2, 2, 3, 3]);
  expect(await trips(mongo.at("acme").papers, watchCommands(mongo))).toEqual([1, 1, 2, 2]);
});

const guard: Guard = guardOf(papers, { where: { topic: "t", status: "review" }, set: { code: "x" } });

it("PostgreSQL finds a row by its partial key in the index of that, also in a plan for any values", async () => {
  const unit = { tenant: tenantId("acme"), register: null } as Parameters<typeof guardedStatements>[2];
  const texts = [
    ...guardedStatements(papers, guard, unit),
    ownStatement(papers, { topic: "t", status: "draft" }, "acme"),
  ];
  await withPostgres(postgres.database.url, async (client) => {
    await client.query("set enable_seqscan = off");
    for (const { text } of texts) {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(`explain (generic_plan) ${text}`);
      expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("uq_papers_topic");
    }
  });
});

it("MongoDB finds it in the index of that name", async () => {
  const { filter } = guardedUpdate(papers, guard);
  const plan = await mongo.mongo.db
    .collection("papers")
    .find({ ...filter, tenantId: "acme" })
    .explain("queryPlanner");
  expect(JSON.stringify(plan["queryPlanner"])).toContain("uq_papers_topic");
});
