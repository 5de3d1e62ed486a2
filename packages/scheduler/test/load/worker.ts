import { must, revisionOf, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import { fireDue, type Schedule, type SchedulerRepositories } from "../../src/index.ts";
import { entry, graphJob, impact, line, policyJob, refOf, registration, schedule } from "../samples.ts";

type Context = LoadContext<SchedulerRepositories>;

/** After so many ms of the caller's clock. */
const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** Days. */
const longAgo = 10_000;

/** Every verb, as the only writer of its tenant: so it knows what each read must give, and at which revision each row must be stored. */
export class Alone implements LoadWorker {
  readonly #on: Context["on"];
  readonly #context: Context;

  constructor(context: Context) {
    this.#on = context.on;
    this.#context = context;
  }

  async round(turn: number): Promise<void> {
    const made = await this.#schedules(turn);
    await this.#firing(made);
    await this.#graphJobs();
    await this.#policyJobs();
    await this.#impact();
    await this.#workers();
    await this.#logs();
    await this.#locks();
  }

  #id(): string {
    return this.#context.ids.next();
  }
  #lease(ms = 60_000) {
    const at = this.#context.now();
    return { at, until: after(at, ms), holder: "alone", claimId: this.#id(), limit: 1 };
  }
  /** What was made ready is claimed by and by: a row that another connection made due is seen within a second. */
  async #taken<T>(claim: () => Promise<readonly T[]>): Promise<T> {
    for (let tries = 0; tries < 3_000; tries += 1) {
      const [one] = await claim();
      if (one !== undefined) return one;
    }
    throw new Error("nothing was claimed");
  }

  async #schedules(turn: number): Promise<Schedule> {
    const { schedules, audit } = this.#on;
    const at = this.#context.now();
    const [made, gone] = [this.#context.key(), this.#context.key()].map((name) =>
      // Once a year: what was fired in this test is not due again in it.
      schedule({ id: this.#id(), name, cron: "0 0 1 1 *", timezone: "UTC" }),
    );
    if (made === undefined || gone === undefined) throw new Error("no schedules");
    for (const one of [made, gone]) this.#context.tell(`schedules/${one.id}`, await schedules.put(one, 0n));
    await schedules.put({ ...made, misfireGraceSeconds: 86_400 }, 1n);
    await schedules.softDelete(made.id, 2n, { by: "alone", at });
    // Its name is free while it is deleted.
    await schedules.put({ ...gone, name: made.name }, 1n);
    await schedules.delete(gone.id, 2n);
    this.#context.tell(`schedules/${gone.id}`, null);
    this.#context.tell(`schedules/${made.id}`, await schedules.restore(made.id, 3n, { at }));
    must("a restored schedule", revisionOf(await schedules.get(made.id)), 4n);
    await schedules.listEnabled({ limit: 5 });
    await schedules.list({ limit: 5 });
    const said = entry({ id: this.#id(), targetId: made.id, details: { turn } });
    const old = entry({ id: this.#id(), targetId: made.id, occurredAt: new Date(0) });
    await audit.append([said, old]);
    must("an old entry", revisionOf(await audit.get(old.id)), 1n);
    must("purged entries", await audit.purge({ at, keepDays: longAgo, limit: 10 }), 1);
    this.#context.tell(`audit/${old.id}`, null);
    this.#context.tell(`audit/${said.id}`, 1n);
    must("the audit trail", (await audit.listByTarget("schedule", made.id)).items.length, 1);
    must("an entry", revisionOf(await audit.get(said.id)), 1n);
    await audit.list({ limit: 5 });
    return made;
  }

  async #firing({ id: scheduleId }: Schedule): Promise<void> {
    const { triggers } = this.#on;
    const at = this.#context.now();
    const armed = await triggers.arm({ id: this.#id(), scheduleId, nextFireAt: at, at });
    this.#context.tell(`triggers/${armed.id}`, armed.revision);
    const fired = await fireDue(this.#on, { ...this.#lease(), limit: 100, ids: this.#context.ids });
    const [run] = fired.runs;
    must("runs that were fired", [fired.runs.length, fired.claimed, fired.lost], [1, 1, 0]);
    if (run === undefined) throw new Error("no run");
    this.#context.tell(`runs/${run.id}`, 1n);
    must("an advanced trigger", revisionOf(await triggers.findBySchedule(scheduleId)), 3n);
    // Another claim, which is kept for a while and voided.
    await triggers.arm({ id: this.#id(), scheduleId, nextFireAt: at, at });
    const lease = this.#lease();
    const held = await this.#taken(() => triggers.claimDue(lease));
    await triggers.heartbeat(refOf(held), { at, until: after(at, 90_000) });
    const rested = await triggers.advance(refOf(held), { fires: [], misfires: 1n, next: null }, at);
    this.#context.tell(`triggers/${armed.id}`, rested.revision);
    must("a trigger at rest", (await triggers.get(armed.id))?.misfires, 1n);
    const other = await triggers.arm({ id: this.#id(), scheduleId: this.#id(), nextFireAt: null, at });
    await triggers.delete(other.id, 1n);
    this.#context.tell(`triggers/${other.id}`, null);
    await triggers.list({ limit: 5 });
    await this.#runs(run.id, scheduleId);
  }

  async #runs(id: string, scheduleId: string): Promise<void> {
    const { runs, runSummaries } = this.#on;
    const at = this.#context.now();
    const states = ["planning", "queued", "running", "failed"] as const;
    for (const [i, to] of states.entries()) {
      const from = states[i - 1];
      if (from === undefined) continue;
      const moved = await runs.transition({ id, from, to, at, stats: { findingCount: i } });
      must(`a run moved to ${to}`, moved?.revision, BigInt(i + 1));
    }
    const [one, two] = await this.#on.transaction(async (bound) => [
      await bound.runSummaries.project(id, at),
      await bound.runSummaries.project(id, at),
    ]);
    this.#context.tell(`runs/${id}`, 5n);
    must("a summary", [one?.runs, one?.failures, two?.revision], [1n, 1n, one?.revision]);
    this.#context.tell(`runSummaries/${one?.id}`, one?.revision ?? null);
    must("the same summary", (await runSummaries.project(id, at))?.revision, 1n);
    must("its schedule's", revisionOf(await runSummaries.findBySchedule(scheduleId)), 1n);
    must("a summary by id", revisionOf(await runSummaries.get(one?.id ?? "")), 1n);
    const again = await runs.start({
      id: this.#id(),
      scheduleId: null,
      fireAt: null,
      triggerKind: "vex_delta",
      reason: {},
      retryOf: id,
      at,
    });
    this.#context.tell(`runs/${again.run.id}`, 1n);
    must("runs of the schedule", (await runs.listBySchedule(scheduleId)).items.length, 1);
    must("a run", revisionOf(await runs.get(again.run.id)), 1n);
    await runs.listByState("failed", { limit: 5 });
    await runs.listDeltas("vex_delta", { limit: 5 });
    await runs.list({ limit: 5 });
    await runSummaries.list({ limit: 5 });
  }

  async #graphJobs(): Promise<void> {
    const { graphJobs } = this.#on;
    const at = this.#context.now();
    const { id } = await graphJobs.insert(graphJob({ id: this.#id(), at }));
    const take = () => {
      const lease = this.#lease();
      return this.#taken(() => graphJobs.claim(lease));
    };
    const first = await take();
    must("the job that was inserted", first.id, id);
    await graphJobs.heartbeat(refOf(first), { at, until: after(at, 90_000) });
    await graphJobs.fail(refOf(first), { error: "timeout", at, retryAt: this.#context.now() });
    await take();
    must("leases that ran out", await graphJobs.requeueExpired(after(at, 3_600_000), 100), 1);
    const third = await take();
    must("its attempts", third.attempts, 3n);
    this.#context.tell(`graphJobs/${id}`, (await graphJobs.complete(refOf(third), { at })).revision);
    const events = (await graphJobs.events(id)).items.map(({ status }) => status);
    must("its events", events, ["queued", "running", "queued", "running", "queued", "running", "completed"]);
    const other = await graphJobs.insert(graphJob({ id: this.#id(), at: after(at, 3_600_000) }));
    const canceled = { id: other.id, expected: "queued", status: "canceled", event: { by: "alone" }, at } as const;
    this.#context.tell(`graphJobs/${other.id}`, (await graphJobs.tryReplace(canceled))?.revision ?? null);
    must("a job replaced twice", await graphJobs.tryReplace(canceled), null);
    must("a graph job", revisionOf(await graphJobs.get(other.id)), 2n);
    await graphJobs.listByStatus("completed", { limit: 5 });
    await graphJobs.list({ limit: 5 });
  }

  async #policyJobs(): Promise<void> {
    const { policyJobs } = this.#on;
    const at = this.#context.now();
    const asked = policyJob({ id: this.#id(), runId: this.#id(), priority: "high", at });
    const { job } = await policyJobs.enqueue(asked);
    must("the second job of a run", (await policyJobs.enqueue({ ...asked, id: this.#id() })).job.id, job.id);
    const take = () => {
      const lease = this.#lease();
      return this.#taken(() => policyJobs.claim(lease));
    };
    const first = await take();
    must("the job that was enqueued", first.id, job.id);
    await policyJobs.heartbeat(refOf(first), { at, until: after(at, 90_000) });
    await policyJobs.fail(refOf(first), { error: "timeout", at, retryAt: this.#context.now() });
    await take();
    must("leases that ran out", await policyJobs.requeueExpired(after(at, 3_600_000), 100), 1);
    const done = await policyJobs.complete(refOf(await take()), { at });
    must("its attempts", [done.attempts, done.status], [3n, "succeeded"]);
    const replay = await policyJobs.transition({ id: job.id, from: "succeeded", to: "replay_pending", at });
    this.#context.tell(`policyJobs/${job.id}`, replay?.revision ?? null);
    must("a job by its run", (await policyJobs.findByRun(asked.runId))?.status, "replay_pending");
    must("a policy job", revisionOf(await policyJobs.get(job.id)), replay?.revision ?? null);
    await policyJobs.list({ limit: 5 });
  }

  async #impact(): Promise<void> {
    const { impactSnapshots } = this.#on;
    const given = impact({ id: this.#id(), runId: this.#id(), at: this.#context.now() });
    await impactSnapshots.putForRun(given);
    must("the same again", (await impactSnapshots.putForRun(given)).revision, 1n);
    const next = await impactSnapshots.putForRun({ ...given, imageDigests: ["b", "a", "b"] });
    this.#context.tell(`impactSnapshots/${next.id}`, next.revision);
    must("its images", (await impactSnapshots.images(given.runId)).items, ["a", "b"]);
    must("a snapshot by its run", revisionOf(await impactSnapshots.findByRun(given.runId)), 2n);
    must("a snapshot", revisionOf(await impactSnapshots.get(next.id)), 2n);
    await impactSnapshots.list({ limit: 5 });
  }

  async #workers(): Promise<void> {
    const { workers } = this.#on;
    const at = this.#context.now();
    const workerId = this.#context.key();
    const { id } = await workers.register(registration({ id: this.#id(), workerId, at }));
    await workers.register(registration({ id: this.#id(), workerId, at }));
    must("a heartbeat", (await workers.heartbeat({ workerId, status: "draining", at }))?.revision, 3n);
    must("who was silent", await workers.expire({ before: after(at, 1), limit: 10, at }), [workerId]);
    this.#context.tell(`workers/${id}`, 4n);
    must("a heartbeat of the dead", await workers.heartbeat({ workerId, status: "active", at }), null);
    must("a worker", revisionOf(await workers.get(id)), 4n);
    await workers.list({ limit: 5 });
  }

  async #logs(): Promise<void> {
    const { executionLogs } = this.#on;
    const runId = this.#id();
    const lines = [1n, 2n, 3n].map((sequence) => line({ id: this.#id(), runId, sequence }));
    const old = line({ id: this.#id(), runId, sequence: 4n, loggedAt: new Date(0) });
    await executionLogs.append([...lines, old]);
    must("purged lines", await executionLogs.purge({ at: this.#context.now(), keepDays: longAgo, limit: 10 }), 1);
    this.#context.tell(`executionLogs/${old.id}`, null);
    for (const { id } of lines) this.#context.tell(`executionLogs/${id}`, 1n);
    must("its last lines", (await executionLogs.tail(runId, 1n)).items.length, 2);
    for (const { id } of lines.slice(0, 1)) must("a line", revisionOf(await executionLogs.get(id)), 1n);
    await executionLogs.list({ limit: 5 });
  }

  async #locks(): Promise<void> {
    const { locks } = this.#on;
    const at = this.#context.now();
    const key = this.#context.key();
    const id = this.#id();
    const asked = { key, id, holder: "alone", at, until: after(at, 60_000) };
    const held = await locks.acquire(asked);
    must("a lock that another wants", await locks.acquire({ ...asked, id: this.#id(), holder: "other" }), null);
    const holding = { key, holder: "alone", token: held?.token ?? 0n, at };
    must("a renewed lock", await locks.renew({ ...holding, until: after(at, 90_000) }), true);
    must("a released lock", await locks.release(holding), true);
    must("a lock released twice", await locks.release(holding), false);
    const next = await locks.acquire({ ...asked, id: this.#id(), holder: "other" });
    must("tokens", [held?.token, next?.token], [1n, 2n]);
    this.#context.tell(`locks/${id}`, 4n);
    must("a lock", revisionOf(await locks.get(id)), 4n);
    await locks.list({ limit: 5 });
  }
}
