import { inTurn, jobsContract, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { GraphJob, GraphJobStatus, SchedulerRepositories } from "../../src/index.ts";
import { claim, graphJob, minute, newId, noon, refOf } from "../samples.ts";

const released = { leaseHolder: null, leaseUntil: null, claimId: null };
const jobOf = (id: string): GraphJob => {
  const { at, ...given } = graphJob({ id });
  return {
    ...given,
    status: "queued",
    availableAt: at,
    attempts: 0n,
    lastError: null,
    ...released,
    events: [{ status: "queued", payload: null, occurredAt: at }],
    createdAt: at,
    updatedAt: at,
  };
};

export function graphJobsContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).graphJobs;
  const acme = () => at("acme");
  readerContract({
    name: "graphJobs",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, { id }) => at(tenant).insert(graphJob({ id })),
    make: (id = newId()) => jobOf(id),
  });
  jobsContract({
    name: "graphJobs",
    jobs: at,
    add: (tenant, { id, due }) => at(tenant).insert(graphJob({ id, availableAt: due })),
    status: { ready: "queued", taken: "running", done: "completed", failed: "failed" },
  });

  describe("graphJobs, particular", () => {
    it("graphJobs.insert: a new job with its first event; an id is one job", async () => {
      const given = graphJob({ kind: "overlay", correlationId: "trace", availableAt: minute(9) });
      const stored = { ...jobOf(given.id), kind: "overlay", correlationId: "trace", availableAt: minute(9) };
      expect(await acme().insert(given)).toEqual({ ...stored, revision: 1n, tenantId: "acme" });
      expect(await acme().get(given.id)).toEqual({ ...stored, revision: 1n, tenantId: "acme" });
      expect(await outcomeOf(() => acme().insert(given))).toMatchObject({ error: "REVISION_CONFLICT" });
    });

    it("graphJobs.tryReplace: moves the job and adds the event; a claim is void from then on", async () => {
      const { id } = await acme().insert(graphJob());
      const [held] = await acme().claim(claim());
      const event = { why: ["a.b", null] };
      const replace = { id, expected: "running", status: "queued", event, at: minute(2) } as const;
      const replaced = await acme().tryReplace({ ...replace, payload: { changed: true } });
      expect(replaced).toMatchObject({
        ...released,
        status: "queued",
        payload: { changed: true },
        availableAt: minute(2),
      });
      expect(replaced?.events.map(({ status }) => status)).toEqual(["queued", "running", "queued"]);
      expect(replaced?.events.at(-1)).toEqual({ status: "queued", payload: event, occurredAt: minute(2) });
      expect(await acme().get(id)).toEqual(replaced);
      expect(await acme().tryReplace(replace)).toBeNull();
      expect(await outcomeOf(() => acme().complete(refOf(held!), { at: minute(3) }))).toMatchObject({
        error: "CLAIM_LOST",
      });
      expect(await acme().get(id)).toEqual(replaced);
    });

    it("graphJobs.tryReplace: gives null for another status, for what is not there, and for the shared one", async () => {
      const { id } = await acme().insert(graphJob());
      const shared = await at("@global").insert(graphJob());
      const replace = (of: string, expected: GraphJobStatus) =>
        acme().tryReplace({ id: of, expected, status: "canceled", event: null, at: noon });
      expect(await replace(id, "failed")).toBeNull();
      expect(await replace(newId(), "queued")).toBeNull();
      expect(await replace(shared.id, "queued")).toBeNull();
      expect((await acme().get(id))?.events).toHaveLength(1);
      const running = { id, expected: "queued", status: "running" as "queued", event: null, at: noon } as const;
      expect(await outcomeOf(() => acme().tryReplace(running))).toMatchObject({ error: "JOB_STATUS", family: "data" });
    });

    it("graphJobs.tryReplace: lets one of many win, and adds one event", async () => {
      const { id } = await acme().insert(graphJob());
      const ends = ["completed", "failed", "canceled", "completed", "failed", "canceled"] as const;
      const answers = await Promise.all(
        ends.map((status) => acme().tryReplace({ id, expected: "queued", status, event: null, at: minute(1) })),
      );
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      expect((await acme().get(id))?.events).toHaveLength(2);
    });

    it("graphJobs.listByStatus: oldest first, own and shared", async () => {
      await inTurn([3, 1, 2, 2].map(minute), (when) => acme().insert(graphJob({ at: when })));
      await at("@global").insert(graphJob({ at: minute(2) }));
      await at("umbrella").insert(graphJob());
      const { id } = await acme().insert(graphJob());
      await acme().tryReplace({ id, expected: "queued", status: "failed", event: null, at: noon });
      const found = await whole((request) => acme().listByStatus("queued", request));
      expect(found.map(({ createdAt }) => createdAt)).toEqual([1, 2, 2, 2, 3].map(minute));
      expect((await acme().listByStatus("failed")).items).toMatchObject([{ id }]);
    });

    it("graphJobs.events: refuses what is no id", async () => {
      for (const none of [1n, null, undefined, "x"])
        expect(await outcomeOf(() => acme().events(none as never))).toMatchObject({ family: "data", path: "id" });
    });

    it("graphJobs.events: all that became of a job, in order, page by page", async () => {
      const { id } = await acme().insert(graphJob());
      const [held] = await acme().claim(claim());
      await acme().fail(refOf(held!), { error: "timeout", at: minute(1), retryAt: minute(2) });
      const [again] = await acme().claim(claim({ at: minute(2), until: minute(3) }));
      await acme().complete(refOf(again!), { at: minute(3) });
      const events = await whole((request) => acme().events(id, request));
      expect(events.map(({ status }) => status)).toEqual(["queued", "running", "queued", "running", "completed"]);
      expect(events[2]).toEqual({ status: "queued", payload: { error: "timeout" }, occurredAt: minute(1) });
      expect(await acme().events(newId())).toEqual({ items: [], next: null });
      const { next } = await acme().events(id, { limit: 1 });
      expect(await outcomeOf(() => acme().events(newId(), { after: next }))).toMatchObject({ error: "CURSOR_FOREIGN" });
    });
  });
}
