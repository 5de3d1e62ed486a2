import { manualClock, seededIds, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import type {
  Arming,
  AuditEntry,
  Enqueue,
  ExecutionLog,
  GraphJobInsert,
  Impact,
  Registration,
  Run,
  RunStart,
  Schedule,
} from "../src/index.ts";

export const noon = new Date("2026-03-01T12:00:00.000Z");
/** So many minutes after `noon`. */
export const minute = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);

const ids = seededIds(manualClock(noon), 42);
export const newId = (): string => ids.next();
let made = 0;
/** A text that no other call gives. */
export const fresh = (word: string): string => `${word}-${(made += 1)}`;

const stamps = { createdAt: noon, updatedAt: noon };

export const schedule = (over: Partial<Schedule> = {}): Schedule => ({
  id: newId(),
  name: fresh("schedule"),
  enabled: true,
  cron: "0 * * * *",
  timezone: "Europe/Berlin",
  misfire: "fire_once",
  misfireGraceSeconds: 60,
  mode: "analysis_only",
  selection: { scope: "all_images", resolvesTags: false },
  onlyIf: null,
  notify: { "a.b": [1] },
  limits: null,
  subscribers: ["one", "two"],
  createdBy: "alice",
  updatedBy: "alice",
  deletedAt: null,
  deletedBy: null,
  ...stamps,
  ...over,
});

export const arming = (over: Partial<Arming> = {}): Arming => ({
  id: newId(),
  scheduleId: newId(),
  nextFireAt: noon,
  at: noon,
  ...over,
});

export const start = (over: Partial<RunStart> = {}): RunStart => ({
  id: newId(),
  scheduleId: newId(),
  fireAt: noon,
  triggerKind: "cron",
  reason: { because: "time" },
  retryOf: null,
  at: noon,
  ...over,
});

/** What a started run is. */
export const runOf = ({ at, ...from }: RunStart): Run => ({
  ...from,
  state: "planning",
  stats: {},
  startedAt: null,
  finishedAt: null,
  error: null,
  summarisedAt: null,
  createdAt: at,
  updatedAt: at,
});

export const graphJob = (over: Partial<GraphJobInsert> = {}): GraphJobInsert => ({
  id: newId(),
  kind: "build",
  payload: { image: "sha256:1" },
  correlationId: null,
  at: noon,
  ...over,
});

export const policyJob = (over: Partial<Enqueue> = {}): Enqueue => ({
  id: newId(),
  runId: newId(),
  mode: "full",
  priority: "normal",
  inputs: { z: 1, a: [2, 1] },
  at: noon,
  ...over,
});

export const impact = (over: Partial<Impact> = {}): Impact => ({
  id: newId(),
  runId: newId(),
  selector: { scope: "by_namespace", namespaces: ["team-b", "team-a"] },
  imageDigests: ["sha256:b", "sha256:a"],
  usageOnly: false,
  at: noon,
  ...over,
});

export const registration = (over: Partial<Registration> = {}): Registration => ({
  id: newId(),
  workerId: fresh("worker"),
  host: "host-1",
  version: "1.2.3",
  capabilities: ["graph", "policy"],
  at: noon,
  ...over,
});

export const line = (over: Partial<ExecutionLog> = {}): ExecutionLog => ({
  id: newId(),
  runId: newId(),
  sequence: 1n,
  level: "info",
  message: "began",
  fields: { step: 1 },
  loggedAt: noon,
  ...stamps,
  ...over,
});

export const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  actor: "alice",
  action: "schedule.disabled",
  targetKind: "schedule",
  targetId: fresh("target"),
  details: { why: "holidays" },
  occurredAt: noon,
  ...stamps,
  ...over,
});

export const claim = (over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  limit: 10,
  holder: "w1",
  at: noon,
  until: minute(5),
  claimId: newId(),
  ...over,
});

/** The claim that a claimed row is held by. */
export const refOf = (row: {
  readonly id: string;
  readonly leaseHolder: string | null;
  readonly attempts: bigint;
}): ClaimRef => ({
  id: row.id,
  holder: row.leaseHolder ?? "nobody",
  attempt: row.attempts,
});

export const acquiring = (over: Partial<{ key: string; id: string; holder: string; at: Date; until: Date }> = {}) => ({
  key: fresh("lock"),
  id: newId(),
  holder: "w1",
  at: noon,
  until: minute(5),
  ...over,
});
