import { inTurn, outcomeOf, withPostgres } from "@stellaops/testkit";
import { mongoRig, postgresRig, type MongoRig, type PostgresRig } from "@stellaops/testkit/module";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openScheduler, wiring, workKinds, type Scheduler, type SchedulerRepositories } from "../src/index.ts";
import { arming, claim, graphJob, minute, noon, policyJob } from "./samples.ts";

let postgres: PostgresRig<SchedulerRepositories>;
let mongo: MongoRig<SchedulerRepositories>;
let opened: readonly Scheduler[];
beforeAll(async () => {
  [postgres, mongo] = await Promise.all([postgresRig(wiring), mongoRig(wiring)]);
  opened = await Promise.all([
    openScheduler({ postgres: postgres.postgres, stage: "postgres" }),
    openScheduler({ mongo: mongo.mongo, stage: "mongo" }),
  ]);
});
beforeEach(() => Promise.all([postgres.reset(), mongo.reset()]));
afterAll(async () => {
  await Promise.all(opened.map((module) => module.close()));
  await Promise.all([postgres.close(), mongo.close()]);
});

type Work = (scope: ReturnType<Scheduler["tenant"]>) => Promise<unknown>;
/** The same in both databases. */
const stored = (tenant: string, work: Work) => Promise.all(opened.map((module) => work(module.tenant(tenant))));
/** What both say. */
async function due(...asked: Parameters<ReturnType<Scheduler["system"]>["dueWork"]["dueTenants"]>): Promise<unknown> {
  const answers = await inTurn(opened, (module) => outcomeOf(() => module.system().dueWork.dueTenants(...asked)));
  expect(answers[1]).toEqual(answers[0]);
  return "value" in answers[0]! ? answers[0].value : answers[0];
}

describe("system().dueWork", () => {
  it("dueTenants: triggers that are due, whoever has waited longest first", async () => {
    expect(await due("triggers", noon, 10)).toEqual([]);
    const waiting = { c: -1, a: -3, b: -3, later: 1 };
    for (const [tenant, minutes] of Object.entries(waiting)) {
      await stored(tenant, ({ triggers }) => triggers.arm(arming({ nextFireAt: minute(minutes) })));
      await stored(tenant, ({ triggers }) => triggers.arm(arming({ nextFireAt: minute(5) })));
    }
    await stored("resting", ({ triggers }) => triggers.arm(arming({ nextFireAt: null })));
    expect(await due("triggers", noon, 10)).toEqual(["a", "b", "c"]);
    expect(await due("triggers", noon, 2)).toEqual(["a", "b"]);
    expect(await due("triggers", minute(1), 10)).toEqual(["a", "b", "c", "later"]);
    // To the instant.
    expect(await due("triggers", new Date(minute(1).getTime() - 1), 10)).toEqual(["a", "b", "c"]);
  });

  it("dueTenants: jobs that are available in any rank, and those whose lease has run out", async () => {
    const priorities = { high: "high", normal: "normal", emergency: "emergency" } as const;
    for (const [tenant, priority] of Object.entries(priorities))
      await stored(tenant, ({ policyJobs }) => policyJobs.enqueue(policyJob({ priority, at: minute(-2) })));
    await stored("later", ({ policyJobs }) => policyJobs.enqueue(policyJob({ availableAt: minute(1) })));
    expect(await due("policy_jobs", noon, 10)).toEqual(["emergency", "high", "normal"]);
    expect(await due("graph_jobs", noon, 10)).toEqual([]);
    const take = claim({ at: minute(-1), until: minute(3) });
    await stored("high", ({ policyJobs }) => policyJobs.claim(take));
    expect(await due("policy_jobs", noon, 10)).toEqual(["emergency", "normal"]);
    expect(await due("policy_jobs", minute(3), 10)).toEqual(["emergency", "normal", "later", "high"]);
    await stored("high", ({ policyJobs }) => policyJobs.requeueExpired(minute(3), 10));
    expect(await due("policy_jobs", minute(3), 10)).toEqual(["emergency", "high", "normal", "later"]);
  });

  it("dueTenants: graph jobs, likewise", async () => {
    await stored("b", ({ graphJobs }) => graphJobs.insert(graphJob({ at: minute(-2) })));
    await stored("a", ({ graphJobs }) => graphJobs.insert(graphJob({ at: minute(-1) })));
    expect(await due("graph_jobs", noon, 10)).toEqual(["b", "a"]);
    await stored("b", ({ graphJobs }) => graphJobs.claim(claim({ at: noon, until: minute(1) })));
    expect(await due("graph_jobs", noon, 10)).toEqual(["a"]);
    expect(await due("graph_jobs", minute(1), 10)).toEqual(["a", "b"]);
  });

  it("dueTenants: the shared scope is one like any other", async () => {
    await Promise.all(opened.map((module) => module.shared().triggers.arm(arming())));
    expect(await due("triggers", noon, 10)).toEqual(["@global"]);
  });

  it("dueTenants: refuses what it does not know", async () => {
    expect(await due("triggers", noon, 0)).toMatchObject({ error: "LIMIT_INVALID" });
    expect(await due("triggers", noon, 1_001)).toMatchObject({ error: "LIMIT_INVALID" });
    expect(await due("runs" as never, noon, 1)).toMatchObject({ error: "WORK_KIND", family: "data" });
    for (const none of [new Date(Number.NaN), null, undefined, 1, "2026-03-01"] as Date[])
      expect(await due("triggers", none, 1)).toMatchObject({ error: "VALUE_DATE", family: "data", path: "at" });
    for (const far of ["+010000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "-000001-01-01T00:00:00Z"])
      expect(await due("graph_jobs", new Date(far), 1)).toMatchObject({ error: "VALUE_DATE_RANGE", path: "at" });
  });

  it("dueTenants: is no verb of a tenant", () => {
    for (const module of opened) expect(Object.keys(module.tenant("acme"))).not.toContain("dueWork");
  });

  it("dueTenants: gives tenants and nothing else, and only services may ask", async () => {
    const { rows } = await withPostgres(postgres.database.url, (client) =>
      client.query<{ columns: string; open: boolean }>(
        `select pg_get_function_result(oid) as columns, has_function_privilege('public', oid, 'execute') as open
         from pg_proc where oid = 'scheduler_app.due_tenants(text, timestamptz, integer)'::regprocedure`,
      ),
    );
    expect(rows).toEqual([{ columns: "TABLE(tenant_id text)", open: false }]);
  });

  it.each(workKinds)(
    "dueTenants: reads no more of the %s on MongoDB than what waits, and a probe or two a tenant",
    async (kind) => {
      const scope = opened[1]!;
      for (const tenant of ["a", "b", "c"]) {
        const { triggers, policyJobs, graphJobs } = scope.tenant(tenant);
        for (let i = 0; i < 20; i += 1) {
          const later = minute(60 + i);
          await triggers.arm(arming({ nextFireAt: later }));
          const { id } = (await policyJobs.enqueue(policyJob({ availableAt: later }))).job;
          await policyJobs.transition({ id, from: "queued", to: "canceled", at: noon });
          await graphJobs.insert(graphJob({ availableAt: later }));
        }
      }
      const { db } = mongo.mongo;
      await db.command({ profile: 2 });
      await scope.system().dueWork.dueTenants(kind, noon, 10);
      await db.command({ profile: 0 });
      const profiled = await db
        .collection("system.profile")
        .find({ op: "command", ns: { $regex: `${kind}$` } })
        .toArray();
      const read = profiled.map((one) => Number(one["keysExamined"]) + Number(one["docsExamined"]));
      await db.collection("system.profile").drop();
      expect(read.length).toBeGreaterThan(0);
      expect(Math.max(...read)).toBeLessThan(20);
    },
  );
});
