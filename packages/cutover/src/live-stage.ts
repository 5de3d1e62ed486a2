import { codeOf, programming, refused, silent, transient, unavailable } from "@stellaops/kernel";
import type { Logger } from "@stellaops/kernel";
import { noFaults, type Faults } from "./faults.ts";
import { Latch } from "./latch.ts";
import { ReadLease } from "./read-lease.ts";
import { settle } from "./record.ts";
import type { Situation } from "./record.ts";
import { readCopies, readCopy } from "./side.ts";
import { wholeStage } from "./situation.ts";
import type { KnownSituation } from "./situation.ts";
import { lookAtBoth, reasonsOf } from "./stage/failure.ts";
import { keepHouse } from "./stage/housekeeping.ts";
import { thisProcess } from "./stage/instance.ts";
import { Life } from "./stage/life.ts";
import type { LiveStageOptions } from "./stage/live-options.ts";
import { watchOther } from "./stage/other.ts";
import { Recovery } from "./stage/recovery.ts";
import { listenToBoth } from "./stage/signals.ts";
import type { Database } from "./stages.ts";
import type { ReadTicket, StageSource, WaitOptions } from "./source.ts";
import { viewOf } from "./view.ts";
import type { StageView } from "./view.ts";
import { within } from "./within.ts";

/**
 * Follows the stage record of a module. A database that stops answering does not stop it: what was last learned is kept, which
 * the fence makes safe; only reads outside units of work end with their lease.
 * @throws `STAGE_NONE` (refused) when the module has no stage record, `STAGE_UNKNOWN` (unavailable) when it cannot be read.
 */
export async function liveStage(options: LiveStageOptions): Promise<StageSource> {
  const source = new LiveStage(options);
  await source.start();
  return source;
}

class LiveStage implements StageSource {
  readonly #options: LiveStageOptions;
  readonly #logger: Logger;
  readonly #pollMs: number;
  readonly #leaseMs: number;
  readonly #faults: Faults;
  readonly #lease: ReadLease;
  readonly #life: Life;
  readonly #recovery: Recovery;
  readonly #stop = new AbortController();
  /** Something was learned. */
  readonly #learned = new Latch();
  /** Somebody wants a look at once. */
  readonly #wanted = new Latch();
  /** Somebody wants a look at the database that is not the primary. */
  readonly #otherWanted = new Latch();
  readonly #listeners = new Set<(view: StageView) => void>();
  readonly #background = new Set<Promise<void>>();
  #situation: Situation = { kind: "none" };
  /** The last settled one. */
  #view: StageView | null = null;
  /** Doubts raised by fenced units, and those that a look begun later has settled. */
  #doubts = 0;
  #settledDoubts = 0;

  constructor(options: LiveStageOptions) {
    const { sides, instance, version, pollMs = 150, leaseMs = 3_000, faults = noFaults, logger = silent } = options;
    const { recover, recoverAfterMs } = options;
    this.#options = options;
    this.#logger = logger;
    this.#pollMs = pollMs;
    this.#leaseMs = leaseMs;
    this.#faults = faults;
    this.#lease = new ReadLease(sides, instance, leaseMs);
    this.#life = new Life(sides, thisProcess(instance, version), leaseMs, logger);
    const recovered = (): void => this.refresh();
    this.#recovery = new Recovery({ sides, recover, recoverAfterMs, recovered, signal: this.#stop.signal, logger });
  }

  async start(): Promise<void> {
    await this.#look();
    if (this.#situation.kind === "none")
      throw refused("STAGE_NONE", `module ${this.#options.module} has no stage record; initialise its stage first`);
    if (this.#situation.kind === "unknown") {
      const { failures } = await lookAtBoth(this.#options.sides);
      const why = failures.length === 0 ? "the two copies make no sense together" : reasonsOf(failures);
      throw unavailable("STAGE_UNKNOWN", `the stage of module ${this.#options.module} cannot be read: ${why}`, {
        details: { failures },
      });
    }
    this.#inBackground(this.#follow());
    this.#inBackground(this.#watchOther());
    this.#inBackground(this.#keepLease());
    this.#inBackground(this.#giveSigns());
    this.#inBackground(this.#keepHouse());
    if (this.#options.listen !== false) this.#inBackground(this.#listen());
  }

  current(): StageView {
    if (this.#view !== null) return this.#view;
    if ("at" in this.#situation) return viewOf(this.#situation.at);
    throw unavailable("STAGE_UNKNOWN", `the stage of module ${this.#options.module} is not known yet`);
  }

  begin(options: WaitOptions = {}): Promise<StageView> {
    return this.#wait(() => this.#accepting(), options);
  }

  beginRead(options: WaitOptions = {}): Promise<ReadTicket> {
    return this.#wait(() => this.#lease.ticket(), options);
  }

  assertReadable(ticket: ReadTicket): void {
    if (this.#lease.counts(ticket)) return;
    throw transient("LEASE_LOST", `the answer came after the read lease of epoch ${ticket.view.epoch}; ask again`);
  }

  refresh(): void {
    this.#doubts += 1;
    this.#wanted.notify();
  }

  workView(): StageView | null {
    const { kind } = this.#situation;
    if (kind !== "settled" && kind !== "moving") return null;
    const view = viewOf(this.#situation.at);
    return view.secondary === null ? null : view;
  }

  moving(): boolean {
    return this.#situation.kind === "moving";
  }

  subscribe(listener: (view: StageView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#learned.notify();
    await Promise.all([...this.#background, this.#recovery.close()]);
    this.#lease.end();
    if (this.#view !== null) await this.#acknowledge(this.#view);
    await this.#life.leave();
  }

  /** The view that units may begin under: none while a change is under way, or while the last view is in doubt. */
  #accepting(): StageView | null {
    return this.#situation.kind === "settled" && this.#doubts === this.#settledDoubts ? this.#view : null;
  }

  async #wait<T>(look: () => T | null, { deadlineMs = 10_000, signal }: WaitOptions): Promise<T> {
    const lookUnlessClosed = (): T | null => {
      if (!this.#stop.signal.aborted) return look();
      throw programming("STAGE_CLOSED", "this stage source was closed; close it after the last unit of work");
    };
    const found = lookUnlessClosed() ?? (await this.#learned.until(lookUnlessClosed, { deadlineMs, signal }));
    if (found !== null) return found;
    throw transient("STAGE_MOVING", `module ${this.#options.module} was between two stages for over ${deadlineMs} ms`);
  }

  /** Reads the record again and again. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const pause = this.#situation.kind === "settled" ? this.#pollMs : this.#pollMs / 5;
      if (this.#doubts === this.#settledDoubts) await this.#wanted.next(pause, signal);
      if (signal.aborted) return;
      await this.#look();
      if (this.#situation.kind !== "settled") this.#recovery.finishIfStanding();
    }
  }

  async #look(): Promise<void> {
    const doubts = this.#doubts;
    const found = await this.#read();
    // Also when nothing was learned: the last stage is kept then, and the fence refuses what is over.
    this.#settledDoubts = doubts;
    if ("at" in found) this.#learn(found);
    else if (!("at" in this.#situation)) this.#situation = found;
    this.#learned.notify();
  }

  /** A settled copy is trusted alone: in quiet times one small read at the primary. */
  async #read(): Promise<Situation> {
    const { sides } = this.#options;
    if (this.#situation.kind === "settled") {
      const copy = await readCopy(sides[this.#situation.at.database]).catch((error: unknown) => {
        this.#logger.warn({ error }, "the stage record cannot be read at the primary; the last stage is kept");
      });
      if (copy?.state === "settled") return { kind: "settled", at: copy };
    }
    // Nothing is known at the start, so that what makes no sense together is read again; later the last stage is kept.
    return "at" in this.#situation ? settle(await readCopies(sides)) : (await wholeStage(sides)).situation;
  }

  /** Beside the loop that follows, which reads the primary alone in quiet times. */
  #watchOther(): Promise<void> {
    return watchOther({
      sides: this.#options.sides,
      settled: () => (this.#situation.kind === "settled" ? this.#situation.at : null),
      wanted: this.#otherWanted,
      found: (found, copy) => {
        if (found.at.database === copy?.database) {
          this.#learn(found);
          this.#learned.notify();
        }
        if (found.older !== undefined) this.#recovery.retire();
      },
      signal: this.#stop.signal,
    });
  }

  #learn(found: KnownSituation): void {
    const known = "at" in this.#situation ? this.#situation.at : null;
    const { at } = found;
    if (known !== null && at.epoch < known.epoch) return;
    if (known?.state !== at.state || known.epoch !== at.epoch) this.#recovery.moved();
    this.#situation = found;
    if (found.kind === "moved" && known?.state !== "moved") this.#leave();
    if (found.kind !== "settled" || this.#view?.epoch === at.epoch) return;
    this.#leave();
    this.#view = viewOf(at);
    for (const listener of this.#listeners) listener(this.#view);
  }

  /** Reads in flight do not count any more; a primary that was left is told so. */
  #leave(): void {
    this.#lease.end();
    const left = this.#view;
    if (left !== null && this.#situation.kind === "moved") this.#inBackground(this.#acknowledge(left));
  }

  async #acknowledge({ primary }: StageView): Promise<void> {
    await this.#faults.at("lease-ended");
    await within(this.#leaseMs, this.#lease.acknowledge(primary)).catch((error: unknown) => {
      this.#logger.warn({ error, primary }, "the read lease could not be given back; it runs out by itself");
    });
  }

  /** Renews three times within a lease, and at once when a stage is learned. */
  async #keepLease(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const view = this.#accepting();
      const renewed = view !== null && (await this.#renew(view));
      const other = (): true | null => (this.#accepting() !== view || signal.aborted ? true : null);
      if (view === null || renewed) await this.#learned.until(other, { deadlineMs: this.#leaseMs / 3 });
      else await this.#learned.next(this.#pollMs / 5, signal);
    }
  }

  async #renew(view: StageView): Promise<boolean> {
    try {
      await within(this.#leaseMs, this.#lease.renew(view));
      await this.#faults.at("lease-granted");
      this.#learned.notify();
      return true;
    } catch (error) {
      if (codeOf(error) === "FENCED") this.refresh();
      else this.#logger.warn({ error }, "the read lease could not be renewed");
      return false;
    }
  }

  /** As often as the lease is renewed, and at once when a stage is learned: that is the acknowledgement. */
  async #giveSigns(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const view = this.#view;
      // At the primary that was left there is nothing to say any more.
      if (view !== null && this.#situation.kind !== "moved") await this.#life.sign(view);
      const other = (): true | null => (this.#view !== view || signal.aborted ? true : null);
      await this.#learned.until(other, { deadlineMs: this.#leaseMs / 3 });
    }
  }

  /** What is heard is a doubt: no unit begins until the record was looked at. */
  #listen(): Promise<void> {
    const { sides } = this.#options;
    const heard = (database: Database): void => {
      this.refresh();
      if (!("at" in this.#situation) || this.#situation.at.database !== database) this.#otherWanted.notify();
    };
    return listenToBoth({ sides, heard, signal: this.#stop.signal, logger: this.#logger });
  }

  #keepHouse(): Promise<void> {
    const { sides } = this.#options;
    return keepHouse({ sides, current: () => this.current(), signal: this.#stop.signal, logger: this.#logger });
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }
}
