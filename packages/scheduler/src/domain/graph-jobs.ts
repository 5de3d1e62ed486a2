import {
  dataError,
  limitOf,
  pageOf,
  unclaimed,
  type Cursors,
  type Page,
  type PageRequest,
  type Stored,
} from "@stellaops/kernel";
import type { GraphJob, graphJobs } from "../aggregates.ts";
import type { GraphJobEvent, GraphJobInsert, GraphJobReplacement } from "../repositories/graph-jobs.ts";

export const queuedGraphJob = ({ availableAt, at, ...job }: GraphJobInsert): GraphJob => ({
  ...job,
  status: "queued",
  availableAt: availableAt ?? at,
  attempts: 0n,
  lastError: null,
  ...unclaimed,
  events: [{ status: "queued", payload: null, occurredAt: at }],
  createdAt: at,
  updatedAt: at,
});

/** What a replacement is guarded by and writes. @throws `JOB_STATUS` (data) */
export function replaced({ id, expected, status, payload, event, at }: GraphJobReplacement) {
  if ((status as string) === "running")
    throw dataError("JOB_STATUS", "a graph job is made running by a claim, which comes with a lease; use claim()");
  return {
    where: { id, status: expected },
    set: {
      status,
      ...unclaimed,
      ...(status === "queued" ? { availableAt: at } : {}),
      ...(payload === undefined ? {} : { payload }),
      updatedAt: at,
    },
    child: { name: "events" as const, put: { status, payload: event, occurredAt: at } },
  };
}

/** Events are only ever added at the end, so their places stay. */
export function eventsOf(
  job: Stored<typeof graphJobs> | null,
  cursors: Cursors,
  request: PageRequest,
): Page<GraphJobEvent> {
  const limit = limitOf(request);
  const [after = "0"] = cursors.decode(request.after, 1) ?? [];
  const from = Number(after);
  const rest = job?.events.slice(from, from + limit + 1) ?? [];
  return pageOf(rest, limit, () => cursors.encode([String(from + limit)]));
}
