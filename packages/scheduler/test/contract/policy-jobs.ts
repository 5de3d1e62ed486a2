import { jobsContract, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { policyStatuses, type PolicyJob, type PolicyJobStatus, type SchedulerRepositories } from "../../src/index.ts";
import { claim, minute, newId, noon, policyJob, refOf } from "../samples.ts";

const released = { leaseHolder: null, leaseUntil: null, claimId: null };
const jobOf = ({ at, ...given }: ReturnType<typeof policyJob>): PolicyJob => ({
  ...given,
  status: "queued",
  availableAt: at,
  attempts: 0n,
  lastError: null,
  ...released,
  createdAt: at,
  updatedAt: at,
});
const priorities = ["emergency", "high", "normal"] as const;
const legal = new Set([
  "queued>canceled",
  "running>canceled",
  "succeeded>replay_pending",
  "failed>replay_pending",
  "canceled>replay_pending",
  "replay_pending>queued",
  "replay_pending>canceled",
]);

export function policyJobsContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).policyJobs;
  const acme = () => at("acme");
  readerContract({
    name: "policyJobs",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, runId } = item as PolicyJob;
      return at(tenant).enqueue(policyJob({ id, runId }));
    },
    make: (id) => jobOf(policyJob(id === undefined ? {} : { id })),
  });
  jobsContract({
    name: "policyJobs",
    ranks: priorities.length,
    jobs: at,
    add: (tenant, { id, due, rank }) =>
      at(tenant).enqueue(policyJob({ id, availableAt: due, priority: priorities[rank] ?? "normal" })),
    status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  });

  describe("policyJobs, particular", () => {
    it("policyJobs.enqueue: the same run twice is one job, whatever the second says", async () => {
      const given = policyJob();
      const job = { ...jobOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().enqueue(given)).toEqual({ job, created: true });
      const { runId } = given;
      expect(await acme().enqueue(policyJob({ runId, priority: "emergency" }))).toEqual({ job, created: false });
      await acme().claim(claim());
      expect(await acme().enqueue(policyJob({ runId }))).toMatchObject({ created: false, job: { status: "running" } });
      expect((await acme().list()).items).toHaveLength(1);
      expect(await at("umbrella").enqueue(policyJob({ runId }))).toMatchObject({ created: true });
      expect(await at("@global").enqueue(policyJob({ runId }))).toMatchObject({ created: true });
    });

    it("policyJobs.enqueue: a shared job of the run is not the tenant's; an id is one job", async () => {
      const shared = await at("@global").enqueue(policyJob());
      const own = await acme().enqueue(policyJob({ runId: shared.job.runId }));
      expect(own).toMatchObject({ created: true, job: { tenantId: "acme" } });
      expect(await outcomeOf(() => acme().enqueue(policyJob({ id: own.job.id })))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
      expect(await outcomeOf(() => acme().enqueue(policyJob({ inputs: { a: Number.NaN } })))).toMatchObject({
        error: "VALUE_NOT_FINITE",
        path: "inputs.a",
      });
    });

    it("policyJobs.enqueue: one of many at once creates it, and all are given that one", async () => {
      const { runId } = policyJob();
      const answers = await Promise.all(Array.from({ length: 10 }, () => acme().enqueue(policyJob({ runId }))));
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("policyJobs.enqueue: what is wrong is refused also when the job is there already", async () => {
      const given = policyJob();
      await acme().enqueue(given);
      const again = (over: object) => outcomeOf(() => acme().enqueue({ ...given, ...over }));
      expect(await again({ mode: "half" })).toMatchObject({ error: "VALUE_CHOICE", path: "mode" });
      expect(await again({ priority: "urgent" })).toMatchObject({ error: "VALUE_CHOICE", path: "priority" });
      expect(await again({ runId: null })).toMatchObject({ family: "data", path: "runId" });
      expect(await again({})).toMatchObject({ value: { created: false } });
    });

    it("policyJobs.findByRun: refuses what is no id", async () => {
      for (const none of [null, undefined, 1n])
        expect(await outcomeOf(() => acme().findByRun(none as never))).toMatchObject({ family: "data", path: "runId" });
    });

    it("policyJobs.findByRun: gives the tenant's own before the shared one", async () => {
      const { job } = await at("@global").enqueue(policyJob());
      expect(await acme().findByRun(job.runId)).toMatchObject({ tenantId: "@global" });
      await acme().enqueue(policyJob({ runId: job.runId }));
      expect(await acme().findByRun(job.runId)).toMatchObject({ tenantId: "acme" });
      expect(await acme().findByRun(newId())).toBeNull();
    });

    const inStatus = async (status: PolicyJobStatus): Promise<string> => {
      const { id } = (await acme().enqueue(policyJob())).job;
      const take = async () => refOf((await acme().claim(claim()))[0]!);
      if (status === "running") await take();
      if (status === "succeeded" || status === "replay_pending") await acme().complete(await take(), { at: noon });
      if (status === "failed") await acme().fail(await take(), { error: "x", at: noon, retryAt: null });
      if (status === "canceled") await acme().transition({ id, from: "queued", to: "canceled", at: noon });
      if (status === "replay_pending")
        await acme().transition({ id, from: "succeeded", to: "replay_pending", at: noon });
      return id;
    };

    it.each(policyStatuses.flatMap((from) => policyStatuses.map((to) => ({ from, to }))))(
      "policyJobs.transition: from $from to $to",
      async ({ from, to }) => {
        const id = await inStatus(from);
        const outcome = await outcomeOf(() => acme().transition({ id, from, to, at: minute(3) }));
        const found = await acme().get(id);
        const may = legal.has(`${from}>${to}`);
        expect(outcome).toMatchObject(may ? { value: found } : { error: "JOB_TRANSITION", family: "conflict" });
        expect(found).toMatchObject(may ? { ...released, status: to } : { status: from });
      },
    );

    it.each(["__proto__", "constructor", "done", null] as never[])(
      "policyJobs.transition: refuses %s, which is no status",
      async (status) => {
        const move = { id: newId(), from: "queued", to: "canceled", at: noon } as const;
        const refusal = { error: "VALUE_CHOICE", family: "data" };
        expect(await outcomeOf(() => acme().transition({ ...move, from: status }))).toMatchObject({
          ...refusal,
          path: "from",
        });
        expect(await outcomeOf(() => acme().transition({ ...move, to: status }))).toMatchObject({
          ...refusal,
          path: "to",
        });
      },
    );

    it("policyJobs.transition: a replay is claimed again; a job that was cancelled is lost to its holder", async () => {
      const id = await inStatus("replay_pending");
      await acme().transition({ id, from: "replay_pending", to: "queued", at: minute(5) });
      expect(await acme().claim(claim({ at: minute(4), until: minute(9) }))).toEqual([]);
      const [held] = await acme().claim(claim({ at: minute(5), until: minute(9) }));
      expect(held).toMatchObject({ id, attempts: 2n });
      await acme().transition({ id, from: "running", to: "canceled", at: minute(6) });
      expect(await outcomeOf(() => acme().complete(refOf(held!), { at: minute(7) }))).toMatchObject({
        error: "CLAIM_LOST",
      });
      expect(await acme().transition({ id, from: "queued", to: "canceled", at: noon })).toBeNull();
    });
  });
}
