import { definitions, text } from "@stellaops/kernel";
import { fireDue, openScheduler, type Schedule, type Scheduler } from "@stellaops/scheduler";
import { expect, it } from "vitest";
import type { DB } from "../src/postgres/generated/database.ts";
import { arming, claim, noon } from "./samples.ts";

/** What must not compile. The compiler checks this file with the others (`tsc -b`): a line that compiles after all is its error. */
export async function mustNotCompile(scheduler: Scheduler, schedule: Schedule): Promise<void> {
  const acme = scheduler.tenant("acme");

  // @ts-expect-error no repository without a tenant
  await scheduler.schedules.get("x");
  // @ts-expect-error triggers are changed by their verbs only
  await acme.triggers.put(schedule, 0n);
  // @ts-expect-error a run moves by transition only
  await acme.runs.put(schedule, 0n);
  // @ts-expect-error append-only records are not put
  await acme.executionLogs.put(schedule, 0n);
  // @ts-expect-error nor deleted
  await acme.audit.delete("x", 1n);
  // @ts-expect-error a lock is released, never deleted
  await acme.locks.delete("x", 1n);
  // @ts-expect-error a fencing token is a bigint
  await acme.locks.release({ key: "x", holder: "w", token: 1, at: noon });
  // @ts-expect-error a graph job is made running by a claim alone
  await acme.graphJobs.tryReplace({ id: "x", expected: "queued", status: "running", event: null, at: noon });
  // @ts-expect-error no such state
  await acme.runs.transition({ id: "x", from: "planning", to: "done", at: noon });
  // @ts-expect-error deltas have kinds of their own
  await acme.runs.listDeltas("manual");
  // @ts-expect-error a claim has an id
  await acme.triggers.claimDue({ limit: 1, holder: "w", at: noon, until: noon });
  // @ts-expect-error an instant is a Date
  await acme.triggers.arm({ ...arming(), nextFireAt: "2026-03-01" });
  // @ts-expect-error runs are given ids
  await fireDue(acme, claim());
  // @ts-expect-error a tenant does not see who else has work
  await acme.dueWork.dueTenants("triggers", noon, 1);
  // @ts-expect-error who serves all tenants sees nothing of theirs
  await scheduler.system().schedules.list();
  // @ts-expect-error no such rule
  const ruled: Schedule = { ...schedule, misfire: "fire_twice" };
  // @ts-expect-error a stage is a known word
  await openScheduler({ stage: "dual" });

  const { aggregate } = definitions<DB>("scheduler");
  // @ts-expect-error no table of that name
  aggregate("shedules", "schedule", {});
  // @ts-expect-error a definition that lacks columns
  aggregate("audit", "entry", { actor: text() });

  void [ruled];
}

it("types: what must not compile is checked by the compiler", () => {
  expect(mustNotCompile).toBeTypeOf("function");
});
