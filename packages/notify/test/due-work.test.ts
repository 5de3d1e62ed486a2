import { inTurn, outcomeOf, withPostgres } from "@stellaops/testkit";
import { mongoRig, postgresRig, type MongoRig, type PostgresRig } from "@stellaops/testkit/module";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openNotify, wiring, workKinds, type Notify, type NotifyRepositories } from "../src/index.ts";
import { claim, minute, noon, refOf } from "./samples.ts";
import { delivery, escalation, item } from "./work/samples.ts";

let postgres: PostgresRig<NotifyRepositories>;
let mongo: MongoRig<NotifyRepositories>;
let opened: readonly Notify[];
beforeAll(async () => {
  [postgres, mongo] = await Promise.all([postgresRig(wiring), mongoRig(wiring)]);
  opened = await Promise.all([
    openNotify({ postgres: postgres.postgres, stage: "postgres" }),
    openNotify({ mongo: mongo.mongo, stage: "mongo" }),
  ]);
});
beforeEach(() => Promise.all([postgres.reset(), mongo.reset()]));
afterAll(async () => {
  await Promise.all(opened.map((module) => module.close()));
  await Promise.all([postgres.close(), mongo.close()]);
});

type Work = (scope: ReturnType<Notify["tenant"]>) => Promise<unknown>;
/** The same in both databases. */
const stored = (tenant: string, work: Work) => Promise.all(opened.map((module) => work(module.tenant(tenant))));
/** What both say. */
async function due(...asked: Parameters<ReturnType<Notify["system"]>["dueWork"]["dueTenants"]>): Promise<unknown> {
  const answers = await inTurn(opened, (module) => outcomeOf(() => module.system().dueWork.dueTenants(...asked)));
  expect(answers[1]).toEqual(answers[0]);
  return "value" in answers[0]! ? answers[0].value : answers[0];
}
const just = (n: number) => new Date(minute(n).getTime() - 1);

describe("system().dueWork", () => {
  it("dueTenants: deliveries that are queued, whoever has waited longest first, and those whose sender is gone", async () => {
    expect(await due("deliveries", noon, 10)).toEqual([]);
    const waiting = { c: -1, a: -3, b: -3, later: 1 };
    for (const [tenant, minutes] of Object.entries(waiting)) {
      await stored(tenant, ({ deliveries }) => deliveries.enqueue(delivery({ dueAt: minute(minutes) })));
      await stored(tenant, ({ deliveries }) => deliveries.enqueue(delivery({ dueAt: minute(50) })));
    }
    expect(await due("deliveries", noon, 10)).toEqual(["a", "b", "c"]);
    expect(await due("deliveries", noon, 2)).toEqual(["a", "b"]);
    expect(await due("deliveries", minute(1), 10)).toEqual(["a", "b", "c", "later"]);
    expect(await due("deliveries", just(1), 10)).toEqual(["a", "b", "c"]);
    await stored("b", ({ deliveries }) => deliveries.claim(claim({ at: minute(-1), until: minute(3) })));
    expect(await due("deliveries", noon, 10)).toEqual(["a", "c"]);
    expect(await due("deliveries", minute(3), 10)).toEqual(["a", "c", "later", "b"]);
    await stored("b", ({ deliveries }) => deliveries.requeueExpired(minute(3), 10));
    expect(await due("deliveries", minute(3), 10)).toEqual(["a", "b", "c", "later"]);
  });

  it("dueTenants: digests whose window is over, until they are closed", async () => {
    await stored("b", ({ digests }) => digests.addItem(item({ at: minute(-10) })));
    await stored("a", ({ digests }) => digests.addItem(item({ at: minute(-5) })));
    await stored("later", ({ digests }) => digests.addItem(item({ at: noon })));
    expect(await due("digests", just(-5), 10)).toEqual([]);
    expect(await due("digests", noon, 10)).toEqual(["b", "a"]);
    expect(await due("digests", minute(5), 10)).toEqual(["b", "a", "later"]);
    await stored("b", async ({ digests }) => {
      const [mine] = await digests.flushDue(claim());
      await digests.close(refOf(mine!), { at: noon });
    });
    expect(await due("digests", noon, 10)).toEqual(["a"]);
  });

  it("dueTenants: escalations that are active", async () => {
    const start =
      (n: number): Work =>
      ({ escalationStates }) =>
        escalationStates.start(escalation({ step: { stage: 0, nextAt: minute(n) } }));
    await stored("b", start(-2));
    await stored("a", start(-1));
    await stored("later", start(1));
    expect(await due("escalations", noon, 10)).toEqual(["b", "a"]);
    expect(await due("escalations", minute(1), 10)).toEqual(["b", "a", "later"]);
    await stored("b", async ({ escalationStates }) => {
      const { items } = await escalationStates.list();
      await escalationStates.resolve(items[0]!.id, noon);
    });
    expect(await due("escalations", noon, 10)).toEqual(["a"]);
  });

  it("dueTenants: the shared scope is one like any other", async () => {
    await Promise.all(opened.map((module) => module.shared().deliveries.enqueue(delivery())));
    expect(await due("deliveries", noon, 10)).toEqual(["@global"]);
  });

  it("dueTenants: refuses what it does not know", async () => {
    expect(await due("digests", noon, 0)).toMatchObject({ error: "LIMIT_INVALID" });
    expect(await due("digests", noon, 1_001)).toMatchObject({ error: "LIMIT_INVALID" });
    expect(await due("channels" as never, noon, 1)).toMatchObject({ error: "WORK_KIND", family: "data" });
    for (const none of [new Date(Number.NaN), null, undefined, 1, "2026-03-01"] as Date[])
      expect(await due("digests", none, 1)).toMatchObject({ error: "VALUE_DATE", family: "data", path: "at" });
  });

  it("dueTenants: is no verb of a tenant, gives tenants and nothing else, and only services may ask", async () => {
    for (const module of opened) expect(Object.keys(module.tenant("acme"))).not.toContain("dueWork");
    const { rows } = await withPostgres(postgres.database.url, (client) =>
      client.query<{ columns: string; open: boolean }>(
        `select pg_get_function_result(oid) as columns, has_function_privilege('public', oid, 'execute') as open
         from pg_proc where oid = 'notify_app.due_tenants(text, timestamptz, integer)'::regprocedure`,
      ),
    );
    expect(rows).toEqual([{ columns: "TABLE(tenant_id text)", open: false }]);
  });

  it.each(workKinds)(
    "dueTenants: reads no more of the %s on MongoDB than what waits, and a probe or two a tenant",
    async (kind) => {
      const scope = opened[1]!;
      for (const tenant of ["a", "b", "c"]) {
        const { deliveries, digests, escalationStates } = scope.tenant(tenant);
        for (let i = 0; i < 20; i += 1) {
          const later = minute(60 + i);
          await deliveries.enqueue(delivery({ dueAt: later }));
          await digests.addItem(item({ at: later }));
          const started = await escalationStates.start(escalation({ step: { stage: 0, nextAt: later } }));
          if (i % 2 === 0) await escalationStates.resolve(started.state.id, noon);
        }
      }
      const { db } = mongo.mongo;
      await db.command({ profile: 2 });
      await scope.system().dueWork.dueTenants(kind, noon, 10);
      await db.command({ profile: 0 });
      const profiled = await db
        .collection("system.profile")
        .find({ op: "command", "command.aggregate": { $in: ["deliveries", "digests", "escalation_states"] } })
        .toArray();
      const read = profiled.map((one) => Number(one["keysExamined"]) + Number(one["docsExamined"]));
      await db.collection("system.profile").drop();
      expect(read.length).toBeGreaterThan(0);
      expect(Math.max(...read)).toBeLessThan(20);
    },
  );
});
