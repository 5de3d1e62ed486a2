import {
  codeOf,
  retryTransient,
  silent,
  transient,
  type Aggregate,
  type Logger,
  type ModuleDefinition,
} from "@stellaops/kernel";
import { mapError, type Mongo } from "@stellaops/mongo";
import { nameText } from "../adopt/misfits.ts";
import { noFaults, type Faults } from "../faults.ts";
import { Latch } from "../latch.ts";
import { aggregatesOf } from "../replication/pair.ts";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";
import { catchUpOf } from "./catch-up.ts";
import { beginningOf } from "./beginning.ts";
import { deleteMark, marksName } from "./marks.ts";
import { seatOf, type Seat } from "./seat.ts";
import type { CaptureState } from "./state.ts";
import { endsCollection, isEntry, isLost, openStream, transactionOf, type CaptureEvent } from "./stream.ts";

export interface CaptureOptions {
  readonly module: ModuleDefinition;
  readonly mongo: Mongo;
  readonly stage: StageSource;
  /** Names this process; of several one captures at a time. */
  readonly instance: string;
  /** How long after its last sign another process takes over from one that is silent; milliseconds, 2,000. */
  readonly leaseMs?: number;
  /** How often a process looks whether it is to capture; milliseconds, 500. */
  readonly pollMs?: number;
  readonly faults?: Faults;
  readonly logger?: Logger;
}

export interface Capture {
  /** Ends after the write in hand. */
  close(): Promise<void>;
}

/**
 * Captures what other programs write to the module's collections, while MongoDB is the primary and something is replicated: each such write
 * is entered into the register by a unit of work, as if a service had made it. The position is saved after the effects, so that a write may be
 * captured twice and is never left out; a position that is lost is recorded and blocks guards until a comparison covers it.
 */
export function startCapture(options: CaptureOptions): Capture {
  return new Capturing(options);
}

class Capturing implements Capture {
  readonly #options: CaptureOptions;
  readonly #logger: Logger;
  readonly #faults: Faults;
  readonly #leaseMs: number;
  readonly #aggregates: ReadonlyMap<string, Aggregate>;
  readonly #catchUp: ReturnType<typeof catchUpOf>;
  readonly #stop = new AbortController();
  readonly #wake = new Latch();
  readonly #running: Promise<void>;

  constructor(options: CaptureOptions) {
    const { module, mongo, leaseMs = 2_000, faults = noFaults, logger = silent } = options;
    this.#options = options;
    this.#logger = logger;
    this.#faults = faults;
    this.#leaseMs = leaseMs;
    this.#aggregates = aggregatesOf(module);
    this.#catchUp = catchUpOf(mongo, module);
    this.#running = this.#follow();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** The stage under which writes of other programs are to be captured. */
  #view(): StageView | null {
    const view = this.#options.stage.workView();
    return view?.primary === "mongo" && !this.#stop.signal.aborted ? view : null;
  }

  async #follow(): Promise<void> {
    const { pollMs = 500 } = this.#options;
    while (!this.#stop.signal.aborted) {
      const view = this.#view();
      try {
        if (view !== null) await this.#sit(view);
      } catch (error) {
        if (!this.#stop.signal.aborted)
          this.#logger.warn({ err: error, code: codeOf(error) }, "writes of other programs cannot be captured yet");
      }
      await this.#wake.next(pollMs, this.#stop.signal);
    }
  }

  async #sit(view: StageView): Promise<void> {
    const { mongo, instance } = this.#options;
    const seat = seatOf(mongo.db, { holder: instance, generation: view.generation, leaseMs: this.#leaseMs });
    const state = await seat.take();
    if (state === null) return;
    const reading = new Reading(seat, state, this.#leaseMs);
    try {
      await this.#stand(reading, state, view);
    } catch (error) {
      if (!isLost(error, state.token !== null && !reading.flows)) throw mapError(error);
      this.#logger.error({ err: error }, "the position in MongoDB's change stream is lost; a comparison is needed");
      await seat.lose(`${error.message} (${error.code})`, false);
    } finally {
      await within(this.#leaseMs, seat.leave()).catch(() => undefined);
    }
  }

  /** Reads on from where `state` stands, for as long as the generation lasts and this process keeps its seat. */
  async #stand(reading: Reading, state: CaptureState, view: StageView): Promise<void> {
    const { module, mongo } = this.#options;
    const start = state.token === null ? await beginningOf(mongo.db, state) : { token: state.token };
    const stream = openStream(module, mongo.db, start);
    const abort = (): void => void stream.close().catch(() => undefined);
    this.#stop.signal.addEventListener("abort", abort);
    try {
      while (this.#view()?.generation === view.generation) {
        const event = await stream.tryNext();
        reading.flows = true;
        if (event !== null) await this.#take(event, reading);
        if (!(await reading.saveIfDue(stream.resumeToken, event === null))) return;
        if (reading.saved) await this.#faults.at("capture-saved");
      }
    } finally {
      this.#stop.signal.removeEventListener("abort", abort);
      await within(this.#leaseMs, stream.close()).catch(() => undefined);
    }
  }

  async #take(event: CaptureEvent, reading: Reading): Promise<void> {
    const { mongo } = this.#options;
    const transaction = transactionOf(event);
    if (isEntry(event)) {
      reading.own = transaction ?? reading.own;
      return;
    }
    if (endsCollection(event)) {
      const what = `${event.operationType} of ${event.ns?.coll ?? "the database"}`;
      await reading.seat.lose(`${what}: it is not told which documents went`, event.operationType !== "invalidate");
      if (event.operationType === "invalidate")
        throw transient("CAPTURE_INVALID", "the stream ended with its database");
      return;
    }
    const name = event.documentKey?._id;
    const table = event.ns?.coll ?? "";
    if (table === marksName) {
      await reading.save(event._id);
      await deleteMark(mongo.db, String(name));
      return;
    }
    const aggregate = this.#aggregates.get(table);
    if (aggregate === undefined || (transaction !== null && transaction === reading.own)) return;
    await this.#faults.at("capture-seen");
    await this.#enter(event, aggregate, name, reading);
    await this.#faults.at("capture-stamped");
  }

  async #enter(
    { operationType, fullDocument }: CaptureEvent,
    aggregate: Aggregate,
    name: unknown,
    reading: Reading,
  ): Promise<void> {
    const { stage } = this.#options;
    const fresh = operationType === "insert";
    const work = operationType === "delete" ? this.#catchUp.deleted : this.#catchUp.written;
    const document = `${aggregate.table} ${nameText(name)}`;
    const outcome = await retryTransient(
      async () => {
        const view = this.#view();
        if (view === null) throw new Error("nothing is captured any more");
        try {
          return await work(aggregate, name, view, fresh);
        } catch (error) {
          // The epoch is over, or the stage moves: whoever drains is told that something is left here.
          if (codeOf(error) === "FENCED") {
            await reading.seat.block(view.epoch, document);
            stage.refresh();
          }
          throw error;
        }
      },
      { signal: this.#stop.signal },
    );
    if (outcome === "nothing" && fullDocument !== undefined) await this.#catchUp.note(aggregate, name, fullDocument);
    reading.stamped += outcome === "stamped" ? 1 : 0;
    if (outcome === "misfit")
      this.#logger.warn(
        { document },
        "another program wrote what the module cannot hold; it is listed and blocks guards",
      );
    if (outcome === "unknown-key")
      await reading.seat.lose(`${document} was deleted, and nobody knows whose document it was`, true);
  }
}

/** What is to be saved, and when. */
class Reading {
  readonly seat: Seat;
  /** The transaction of our own that is being told. */
  own: string | null;
  stamped = 0;
  /** The server has answered: it took the position. */
  flows = false;
  /** The last look saved. */
  saved = false;
  readonly #everyMs: number;
  #savedAt = -Infinity;
  #unsaved = true;

  constructor(seat: Seat, { own }: Pick<CaptureState, "own">, leaseMs: number) {
    this.seat = seat;
    this.own = own;
    this.#everyMs = leaseMs / 5;
  }

  /** At once when there is nothing more to read, now and then while there is. False: somebody else has the seat. */
  async saveIfDue(token: unknown, idle: boolean): Promise<boolean> {
    this.saved = false;
    this.#unsaved ||= !idle;
    const due = performance.now() - this.#savedAt > this.#everyMs || (idle && this.#unsaved);
    return !due || this.save(token);
  }

  async save(token: unknown): Promise<boolean> {
    const { own, stamped } = this;
    if (!(await this.seat.save({ token, own, stamped }))) return false;
    this.stamped -= stamped;
    this.saved = true;
    this.#unsaved = false;
    this.#savedAt = performance.now();
    return true;
  }
}
