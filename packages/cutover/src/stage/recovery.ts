import type { Logger } from "@stellaops/kernel";
import { settle } from "../record.ts";
import { readCopies, type Sides } from "../side.ts";

export interface RecoveryOptions {
  readonly sides: Sides;
  /** Finishes or reverts what is under way. Without it this process leaves that to others. */
  readonly recover: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  /** How long a change may stand still before this process finishes it; 2,000. */
  readonly recoverAfterMs?: number | undefined;
  /** Called when something was recovered: the record is another one. */
  readonly recovered: () => void;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What a service does about a change of the stage that nobody goes on with, one thing at a time. */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #afterMs: number;
  #standingSince = performance.now();
  #retireAgainAt = 0;
  #running: Promise<void> | null = null;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#afterMs = options.recoverAfterMs ?? 2_000;
  }

  /** The record is not where it was: whoever is at it goes on. */
  moved(): void {
    this.#standingSince = performance.now();
  }

  /** To be asked again and again while a change is under way. */
  finishIfStanding(): void {
    const { recover } = this.#options;
    if (recover === undefined || performance.now() - this.#standingSince < this.#afterMs) return;
    this.#start(() => this.#recover(recover));
  }

  /** A database that was given up as lost is there again, or was never away for everybody. One that cannot be retired is not tried at each look. */
  retire(): void {
    const { sides, recover } = this.#options;
    if (recover === undefined || performance.now() < this.#retireAgainAt) return;
    this.#start(async () => {
      // What was known may be over: a change that somebody else makes right now is left to them.
      const found = settle(await readCopies(sides));
      if (found.kind === "settled" && found.older !== undefined) await this.#recover(recover);
      this.#retireAgainAt = performance.now() + this.#afterMs;
    });
  }

  /** Ends with what is under way; the signal has to be given before. */
  async close(): Promise<void> {
    await this.#running;
  }

  #start(work: () => Promise<void>): void {
    this.#running ??= work().finally(() => (this.#running = null));
  }

  async #recover(recover: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { signal, logger, recovered } = this.#options;
    try {
      await recover(signal);
      recovered();
    } catch (error) {
      if (!signal.aborted) logger.warn({ error }, "a change of the stage that stands still could not be finished yet");
    }
    this.#standingSince = performance.now();
  }
}
