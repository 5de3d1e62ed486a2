import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import type { ExecutionLog, SchedulerRepositories } from "../src/index.ts";
import {
  acquiring,
  arming,
  claim,
  entry,
  fresh,
  graphJob,
  impact,
  line,
  minute,
  newId,
  noon,
  policyJob,
  refOf,
  registration,
  schedule,
  start,
} from "./samples.ts";

type Scope = ScopeOf<SchedulerRepositories>;
const { plain, call } = callsOf<SchedulerRepositories>();
const times = <T>(n: number, make: () => T): readonly T[] => Array.from({ length: n }, make);
const each = async (n: number, make: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < n; i += 1) await make();
};

const storedSchedule = async ({ schedules }: Scope) => {
  const made = schedule();
  await schedules.put(made, 0n);
  return made;
};
const deletedSchedule = async (scope: Scope) => {
  const made = await storedSchedule(scope);
  await scope.schedules.softDelete(made.id, 1n, { by: "bob", at: noon });
  return made;
};
const armed = ({ triggers }: Scope) => triggers.arm(arming());
const armedMany = ({ triggers }: Scope, n: number) => each(n, () => triggers.arm(arming({ nextFireAt: minute(-60) })));
const claimedTrigger = async (scope: Scope) => {
  await scope.triggers.arm(arming({ nextFireAt: minute(-90) }));
  const [one] = await scope.triggers.claimDue(claim({ limit: 1 }));
  return refOf(one!);
};
const started = async ({ runs }: Scope) => (await runs.start(start())).run;
const ended = async (scope: Scope) => {
  const { id, scheduleId } = await started(scope);
  await scope.runs.transition({ id, from: "planning", to: "failed", at: noon });
  return { id, scheduleId: scheduleId ?? "" };
};
const summarised = async (scope: Scope) => {
  const run = await ended(scope);
  await scope.runSummaries.project(run.id, noon);
  const next = (await scope.runs.start(start({ scheduleId: run.scheduleId, fireAt: minute(1) }))).run;
  await scope.runs.transition({ id: next.id, from: "planning", to: "canceled", at: noon });
  return next;
};
const insertedMany = ({ graphJobs }: Scope, n: number) =>
  each(n, () => graphJobs.insert(graphJob({ at: minute(-60) })));
const claimedGraphJob = async (scope: Scope) => {
  await scope.graphJobs.insert(graphJob({ at: minute(-90) }));
  const [one] = await scope.graphJobs.claim(claim({ limit: 1 }));
  return refOf(one!);
};
const expiredGraphJobs = async (scope: Scope, n: number) => {
  await insertedMany(scope, n);
  await scope.graphJobs.claim(claim({ limit: n, at: minute(-30), until: minute(-20) }));
};
const enqueuedMany = ({ policyJobs }: Scope, n: number) =>
  each(n, () => policyJobs.enqueue(policyJob({ at: minute(-60), priority: "emergency" })));
const claimedPolicyJob = async (scope: Scope) => {
  await scope.policyJobs.enqueue(policyJob({ at: minute(-90), priority: "emergency" }));
  const [one] = await scope.policyJobs.claim(claim({ limit: 1 }));
  return refOf(one!);
};
const expiredPolicyJobs = async (scope: Scope, n: number) => {
  await enqueuedMany(scope, n);
  await scope.policyJobs.claim(claim({ limit: n, at: minute(-30), until: minute(-20) }));
};
const images = (n: number) => times(n, () => fresh("sha256:"));
const snapshot = ({ impactSnapshots }: Scope, n: number) =>
  impactSnapshots.putForRun(impact({ imageDigests: images(n) }));
const registered = ({ workers }: Scope) => workers.register(registration());
const silent = ({ workers }: Scope, n: number) => each(n, () => workers.register(registration({ at: minute(-60) })));
const lines = (n: number, over: Partial<ExecutionLog> = {}) => {
  const runId = newId();
  return Array.from({ length: n }, (_, i) => line({ runId, sequence: BigInt(i + 1), ...over }));
};
const longAgo = new Date(0);
const purging = (limit: number) => ({ at: noon, keepDays: 30, limit });
const written = async ({ executionLogs }: Scope, n: number) => {
  const made = lines(n);
  await executionLogs.append(made);
  return made[0]!;
};
const held = async ({ locks }: Scope) => {
  const { key, holder, ...asked } = acquiring();
  const { token } = (await locks.acquire({ key, holder, ...asked }))!;
  return { key, holder, token, at: noon };
};

/** Every verb once. Claims ask for more than one: one alone is a single command on MongoDB. */
export const calls: Calls<SchedulerRepositories> = {
  "schedules.get": call(storedSchedule, ({ schedules }, _, { id }) => schedules.get(id)),
  "schedules.list": call(storedSchedule, ({ schedules }, limit) => schedules.list({ limit })),
  "schedules.put": call(storedSchedule, ({ schedules }, _, made) => schedules.put({ ...made, enabled: false }, 1n)),
  "schedules.delete": call(storedSchedule, ({ schedules }, _, { id }) => schedules.delete(id, 1n)),
  "schedules.softDelete": call(storedSchedule, ({ schedules }, _, { id }) =>
    schedules.softDelete(id, 1n, { by: "bob", at: noon }),
  ),
  "schedules.restore": call(deletedSchedule, ({ schedules }, _, { id }) => schedules.restore(id, 2n, { at: noon })),
  "schedules.listEnabled": call(storedSchedule, ({ schedules }, limit) => schedules.listEnabled({ limit })),
  "triggers.get": call(armed, ({ triggers }, _, { id }) => triggers.get(id)),
  "triggers.list": call(armed, ({ triggers }, limit) => triggers.list({ limit })),
  "triggers.delete": call(armed, ({ triggers }, _, { id }) => triggers.delete(id, 1n)),
  "triggers.findBySchedule": call(armed, ({ triggers }, _, { scheduleId }) => triggers.findBySchedule(scheduleId)),
  "triggers.arm": call(armed, ({ triggers }, _, { scheduleId }) => triggers.arm(arming({ scheduleId }))),
  "triggers.claimDue": call(armedMany, ({ triggers }, limit) => triggers.claimDue(claim({ limit: limit + 1 }))),
  "triggers.heartbeat": call(claimedTrigger, ({ triggers }, _, ref) =>
    triggers.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "triggers.advance": call(claimedTrigger, ({ triggers }, _, ref) =>
    triggers.advance(ref, { fires: [noon], misfires: 2n, next: minute(60) }, noon),
  ),
  "runs.get": call(started, ({ runs }, _, { id }) => runs.get(id)),
  "runs.list": call(started, ({ runs }, limit) => runs.list({ limit })),
  "runs.start": plain(({ runs }) => runs.start(start())),
  "runs.transition": call(started, ({ runs }, _, { id }) =>
    runs.transition({ id, from: "planning", to: "queued", at: noon }),
  ),
  "runs.listByState": call(started, ({ runs }, limit) => runs.listByState("planning", { limit })),
  "runs.listBySchedule": call(started, ({ runs }, limit, { scheduleId }) =>
    runs.listBySchedule(scheduleId ?? "", { limit }),
  ),
  "runs.listDeltas": call(started, ({ runs }, limit) => runs.listDeltas("vex_delta", { limit })),
  "graphJobs.get": plain(({ graphJobs }) => graphJobs.get(newId())),
  "graphJobs.list": call(insertedMany, ({ graphJobs }, limit) => graphJobs.list({ limit })),
  "graphJobs.insert": plain(({ graphJobs }) => graphJobs.insert(graphJob())),
  "graphJobs.tryReplace": call(
    ({ graphJobs }) => graphJobs.insert(graphJob()),
    ({ graphJobs }, _, { id }) =>
      graphJobs.tryReplace({ id, expected: "queued", status: "canceled", event: null, at: noon }),
  ),
  "graphJobs.listByStatus": call(insertedMany, ({ graphJobs }, limit) => graphJobs.listByStatus("queued", { limit })),
  "graphJobs.events": call(
    ({ graphJobs }) => graphJobs.insert(graphJob()),
    ({ graphJobs }, limit, { id }) => graphJobs.events(id, { limit }),
  ),
  "graphJobs.claim": call(insertedMany, ({ graphJobs }, limit) => graphJobs.claim(claim({ limit: limit + 1 }))),
  "graphJobs.heartbeat": call(claimedGraphJob, ({ graphJobs }, _, ref) =>
    graphJobs.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "graphJobs.complete": call(claimedGraphJob, ({ graphJobs }, _, ref) => graphJobs.complete(ref, { at: noon })),
  "graphJobs.fail": call(claimedGraphJob, ({ graphJobs }, _, ref) =>
    graphJobs.fail(ref, { error: "timeout", at: noon, retryAt: minute(1) }),
  ),
  "graphJobs.requeueExpired": call(expiredGraphJobs, ({ graphJobs }, limit) => graphJobs.requeueExpired(noon, limit)),
  "policyJobs.get": plain(({ policyJobs }) => policyJobs.get(newId())),
  "policyJobs.list": call(enqueuedMany, ({ policyJobs }, limit) => policyJobs.list({ limit })),
  "policyJobs.enqueue": plain(({ policyJobs }) => policyJobs.enqueue(policyJob())),
  "policyJobs.findByRun": plain(({ policyJobs }) => policyJobs.findByRun(newId())),
  "policyJobs.transition": call(
    async ({ policyJobs }) => (await policyJobs.enqueue(policyJob())).job,
    ({ policyJobs }, _, { id }) => policyJobs.transition({ id, from: "queued", to: "canceled", at: noon }),
  ),
  "policyJobs.claim": call(enqueuedMany, ({ policyJobs }, limit) => policyJobs.claim(claim({ limit: limit + 1 }))),
  "policyJobs.heartbeat": call(claimedPolicyJob, ({ policyJobs }, _, ref) =>
    policyJobs.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "policyJobs.complete": call(claimedPolicyJob, ({ policyJobs }, _, ref) => policyJobs.complete(ref, { at: noon })),
  "policyJobs.fail": call(claimedPolicyJob, ({ policyJobs }, _, ref) =>
    policyJobs.fail(ref, { error: "timeout", at: noon, retryAt: null }),
  ),
  "policyJobs.requeueExpired": call(expiredPolicyJobs, ({ policyJobs }, limit) =>
    policyJobs.requeueExpired(noon, limit),
  ),
  "impactSnapshots.get": call(snapshot, ({ impactSnapshots }, _, { id }) => impactSnapshots.get(id)),
  "impactSnapshots.list": call(snapshot, ({ impactSnapshots }, limit) => impactSnapshots.list({ limit })),
  "impactSnapshots.putForRun": call(snapshot, ({ impactSnapshots }, n, { runId }) =>
    impactSnapshots.putForRun(impact({ runId, imageDigests: images(n) })),
  ),
  "impactSnapshots.findByRun": call(snapshot, ({ impactSnapshots }, _, { runId }) => impactSnapshots.findByRun(runId)),
  "impactSnapshots.images": call(snapshot, ({ impactSnapshots }, limit, { runId }) =>
    impactSnapshots.images(runId, { limit }),
  ),
  "workers.get": call(registered, ({ workers }, _, { id }) => workers.get(id)),
  "workers.list": call(registered, ({ workers }, limit) => workers.list({ limit })),
  "workers.register": call(registered, ({ workers }, _, { workerId }) => workers.register(registration({ workerId }))),
  "workers.heartbeat": call(registered, ({ workers }, _, { workerId }) =>
    workers.heartbeat({ workerId, status: "active", at: noon }),
  ),
  "workers.expire": call(silent, ({ workers }, limit) => workers.expire({ before: minute(-30), limit, at: noon })),
  "executionLogs.get": call(written, ({ executionLogs }, _, { id }) => executionLogs.get(id)),
  "executionLogs.list": call(written, ({ executionLogs }, limit) => executionLogs.list({ limit })),
  "executionLogs.append": plain(({ executionLogs }, n) => executionLogs.append(lines(n))),
  "executionLogs.tail": call(written, ({ executionLogs }, limit, { runId }) =>
    executionLogs.tail(runId, 0n, { limit }),
  ),
  "executionLogs.purge": call(
    ({ executionLogs }, n) => executionLogs.append(lines(n, { loggedAt: longAgo })),
    ({ executionLogs }, limit) => executionLogs.purge(purging(limit)),
  ),
  "locks.get": plain(({ locks }) => locks.get(newId())),
  "locks.list": call(held, ({ locks }, limit) => locks.list({ limit })),
  "locks.acquire": plain(({ locks }) => locks.acquire(acquiring())),
  "locks.renew": call(held, ({ locks }, _, mine) => locks.renew({ ...mine, until: minute(9) })),
  "locks.release": call(held, ({ locks }, _, mine) => locks.release(mine)),
  "runSummaries.get": plain(({ runSummaries }) => runSummaries.get(newId())),
  "runSummaries.list": call(summarised, ({ runSummaries }, limit) => runSummaries.list({ limit })),
  "runSummaries.project": call(summarised, ({ runSummaries }, _, { id }) => runSummaries.project(id, noon)),
  "runSummaries.findBySchedule": call(summarised, ({ runSummaries }, _, { scheduleId }) =>
    runSummaries.findBySchedule(scheduleId ?? ""),
  ),
  "audit.get": plain(({ audit }) => audit.get(newId())),
  "audit.list": plain(({ audit }, limit) => audit.list({ limit })),
  "audit.append": plain(({ audit }, n) => audit.append(times(n, () => entry()))),
  "audit.listByTarget": plain(({ audit }, limit) => audit.listByTarget("schedule", "x", { limit })),
  "audit.purge": call(
    ({ audit }, n) => audit.append(times(n, () => entry({ occurredAt: longAgo }))),
    ({ audit }, limit) => audit.purge(purging(limit)),
  ),
};

/** A row at least in every table. */
export async function fill(scope: Scope): Promise<void> {
  for (const { prepare, run } of Object.values(calls)) {
    const prepared = (await prepare?.(scope, 1)) as never;
    await run(scope, 1, prepared);
  }
}
