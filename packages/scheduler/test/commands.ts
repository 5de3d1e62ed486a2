import { arbitraryOf, purgeArbitrary, textArbitrary } from "@stellaops/testkit";
import type { Arguments, Commands } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import { audit, executionLogs, graphJobs, policyJobs, runs, schedules } from "../src/aggregates.ts";
import { policyStatuses, runStates } from "../src/index.ts";
import { initial } from "./initial.ts";
import { ids, keys } from "./pools.ts";
import { minute, noon } from "./samples.ts";

const record = <T>(of: { [K in keyof T]: Arbitrary<T[K]> }) => fc.record(of, { noNullPrototype: true });
const partial = <T, K extends keyof T>(of: { [P in keyof T]: Arbitrary<T[P]> }, requiredKeys: K[]) =>
  fc.record(of, { noNullPrototype: true, requiredKeys });

const id = fc.constantFrom(...ids);
const key = fc.constantFrom(...keys);
const oddKey = fc.oneof({ weight: 6, arbitrary: key }, textArbitrary(), fc.constant("\0"));
const oddId = fc.oneof({ weight: 8, arbitrary: id }, fc.constant("no id"));
const when = fc.constantFrom(noon, minute(1), minute(2), minute(-1), new Date("0001-01-01T00:00:00.000Z"));
/** What is stored at first is at 1. */
const revision = fc.constantFrom(0n, 1n, 1n, 2n, 3n);
const page = record({ limit: fc.constantFrom(1, 2, 5) });
const limit = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, 3) }, fc.constant(0));
const dated = { id, createdAt: when, updatedAt: when };
const few = <T>(of: Arbitrary<T>) => fc.array(of, { maxLength: 3 });

const live = { deletedAt: fc.constant(null), deletedBy: fc.constant(null) };
const cron = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("0 * * * *", "*/5 * * * * *") },
  fc.constant("61 * * * *"),
);
const timezone = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("UTC", "Europe/Berlin") }, fc.constant("Mars/X"));
const grace = fc.constantFrom(0, 60, 60, -1);
const timetable = { cron, timezone, misfireGraceSeconds: grace };
const schedule = arbitraryOf(schedules, { ...dated, ...live, ...timetable, name: key });
const by = record({ by: oddKey, at: when });

const arming = record({ id, scheduleId: id, nextFireAt: fc.option(when), at: when });
/** Ends after it begins, mostly. */
const lease = fc
  .constantFrom([noon, minute(2)], [minute(1), minute(9)], [minute(2), minute(1)])
  .map(([at, until]) => ({ at, until }));
const claiming = fc
  .tuple(record({ limit, holder: key, claimId: oddId }), lease)
  .map(([request, { at, until }]) => ({ ...request, at, until }));
const claimRef = record({ id: oddId, holder: key, attempt: fc.constantFrom(1n, 1n, 2n, 0n) });
const firing = record({ fires: few(when), misfires: fc.constantFrom(0n, 3n), next: fc.option(when) });

const { triggerKind, reason, stats, error } = runParts();
function runParts() {
  const run = arbitraryOf(runs, {});
  const of = <K extends "triggerKind" | "reason" | "stats" | "error">(name: K) => run.map((one) => one[name]);
  return { triggerKind: of("triggerKind"), reason: of("reason"), stats: of("stats"), error: of("error") };
}
const found = fc.oneof(
  stats,
  fc.constantFrom(1, 0, 2.5, -1, "3", null, [1]).map((findingCount) => ({ findingCount })),
);
const start = record({
  id,
  scheduleId: fc.option(id),
  fireAt: fc.option(when),
  triggerKind,
  reason,
  retryOf: fc.option(id),
  at: when,
});
const state = fc.constantFrom(...runStates);
const transition = partial(
  { id: oddId, from: fc.constantFrom("planning", "queued", "running"), to: state, at: when, stats: found, error },
  ["id", "from", "to", "at"],
);

const { payload, kind } = graphParts();
function graphParts() {
  const job = arbitraryOf(graphJobs, {});
  return { payload: job.map((one) => one.payload), kind: job.map((one) => one.kind) };
}
const graphInsert = partial({ id, kind, payload, correlationId: fc.option(oddKey), availableAt: when, at: when }, [
  ...(["id", "kind", "payload", "correlationId", "at"] as const),
]);
const graphStatus = fc.constantFrom("queued", "running", "completed", "failed", "canceled");
const replacement = partial(
  { id: oddId, expected: graphStatus, status: graphStatus, payload, event: fc.option(payload), at: when },
  ["id", "expected", "status", "event", "at"],
);

const policy = arbitraryOf(policyJobs, {});
const enqueue = partial(
  {
    id,
    runId: oddId,
    mode: policy.map(({ mode }) => mode),
    priority: policy.map(({ priority }) => priority),
    inputs: policy.map(({ inputs }) => inputs),
    availableAt: when,
    at: when,
  },
  ["id", "runId", "mode", "priority", "inputs", "at"],
);
const status = fc.constantFrom(...policyStatuses);
const policyTransition = record({ id: oddId, from: status, to: status, at: when });
const failure = record({ error: oddKey, at: when, retryAt: fc.option(when) });

const selector = record({
  scope: fc.constantFrom("all_images", "by_digest"),
  digests: few(key),
  resolvesTags: fc.boolean(),
});
const impact = record({ id, runId: oddId, selector, imageDigests: few(oddKey), usageOnly: fc.boolean(), at: when });
const registration = record({ id, workerId: oddKey, host: key, version: key, capabilities: few(key), at: when });
const beat = record({ workerId: oddKey, status: fc.constantFrom("active", "draining"), at: when });
const expiry = record({ before: when, limit, at: when });
const line = arbitraryOf(executionLogs, { ...dated, runId: id, sequence: fc.constantFrom(1n, 2n, 3n), loggedAt: when });
const purge = fc.tuple(purgeArbitrary(noon));
const acquire = fc
  .tuple(record({ key: oddKey, id, holder: key }), lease)
  .map(([lock, { at, until }]) => ({ ...lock, at, until }));
const holding = { key, holder: key, token: fc.constantFrom(1n, 1n, 2n, 3n) };
const renewal = fc.tuple(record(holding), lease).map(([held, { at, until }]) => ({ ...held, at, until }));
const entry = arbitraryOf(audit, { ...dated, targetKind: fc.constant("schedule"), targetId: key, occurredAt: when });

const common = { get: fc.tuple(oddId), list: fc.tuple(page) };
const of = (name: string, verbs: Arguments): Arguments =>
  Object.fromEntries(Object.entries(verbs).map(([verb, args]) => [`${name}.${verb}`, args]));
const jobs = {
  claim: fc.tuple(claiming),
  heartbeat: fc.tuple(claimRef, lease),
  complete: fc.tuple(claimRef, record({ at: when })),
  fail: fc.tuple(claimRef, failure),
  requeueExpired: fc.tuple(when, limit),
};

const reads: Arguments = {
  ...of("schedules", { ...common, listEnabled: fc.tuple(page) }),
  ...of("triggers", { ...common, findBySchedule: fc.tuple(oddId) }),
  ...of("runs", {
    ...common,
    listByState: fc.tuple(state, page),
    listBySchedule: fc.tuple(oddId, page),
    listDeltas: fc.tuple(fc.constantFrom("advisory_delta", "vex_delta"), page),
  }),
  ...of("graphJobs", { ...common, listByStatus: fc.tuple(graphStatus, page), events: fc.tuple(oddId, page) }),
  ...of("policyJobs", { ...common, findByRun: fc.tuple(oddId) }),
  ...of("impactSnapshots", { ...common, findByRun: fc.tuple(oddId), images: fc.tuple(oddId, page) }),
  ...of("workers", common),
  ...of("executionLogs", { ...common, tail: fc.tuple(oddId, fc.constantFrom(0n, 1n, 2n), page) }),
  ...of("locks", common),
  ...of("runSummaries", { ...common, findBySchedule: fc.tuple(oddId) }),
  ...of("audit", { ...common, listByTarget: fc.tuple(fc.constant("schedule"), oddKey, page) }),
};

const writes: Arguments = {
  ...of("schedules", {
    put: fc.tuple(schedule, revision),
    delete: fc.tuple(oddId, revision),
    softDelete: fc.tuple(oddId, revision, by),
    restore: fc.tuple(oddId, revision, record({ at: when })),
  }),
  ...of("triggers", {
    delete: fc.tuple(oddId, revision),
    arm: fc.tuple(arming),
    claimDue: fc.tuple(claiming),
    heartbeat: fc.tuple(claimRef, lease),
    advance: fc.tuple(claimRef, firing, when),
  }),
  ...of("runs", { start: fc.tuple(start), transition: fc.tuple(transition) }),
  ...of("graphJobs", { ...jobs, insert: fc.tuple(graphInsert), tryReplace: fc.tuple(replacement) }),
  ...of("policyJobs", { ...jobs, enqueue: fc.tuple(enqueue), transition: fc.tuple(policyTransition) }),
  ...of("impactSnapshots", { putForRun: fc.tuple(impact) }),
  ...of("workers", { register: fc.tuple(registration), heartbeat: fc.tuple(beat), expire: fc.tuple(expiry) }),
  ...of("executionLogs", { append: fc.tuple(few(line)), purge }),
  ...of("locks", {
    acquire: fc.tuple(acquire),
    renew: fc.tuple(renewal),
    release: fc.tuple(record({ ...holding, at: when })),
  }),
  ...of("runSummaries", { project: fc.tuple(oddId, when) }),
  ...of("audit", { append: fc.tuple(few(entry)), purge }),
};

export const commands: Commands = { reads, writes, initial };
