import type { Pool, PoolClient } from "pg";
import { Batch, type Result, type Statement } from "./batch.ts";
import { cancel } from "./cancel.ts";
import { answerWithin } from "./deadline.ts";
import { endsConnection, lostAtLogin, lostInFlight, mapError } from "./errors.ts";

/** How long an aborted flush may still take. */
const cancelMs = 1_000;

/** A connection out of the pool, for one unit. */
export class Line {
  readonly #pool: Pool;
  readonly #client: PoolClient;
  readonly #answerMs: number;
  #broken = false;
  /** What the server said when it ended the connection while nothing was being asked. */
  #ended: unknown;
  readonly #onError = (error: unknown): void => void (this.#ended ??= error);

  private constructor(pool: Pool, client: PoolClient, answerMs: number) {
    this.#pool = pool;
    this.#client = client;
    this.#answerMs = answerMs;
    client.on("error", this.#onError);
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** `capMs`: after which the server ends the unit. */
  static async take(pool: Pool, capMs?: number): Promise<Line> {
    try {
      return new Line(pool, await pool.connect(), answerWithin(pool, capMs));
    } catch (error) {
      throw lostAtLogin(mapError(error));
    }
  }

  /**
   * One flush. A connection that is lost in it, or has no answer when the server would long have ended it, is a transient error: this is not
   * for COMMIT.
   */
  async send(statements: readonly Statement[], signal?: AbortSignal): Promise<readonly Result[]> {
    try {
      return await this.#cancellable(signal, () => this.#query(statements, this.#answerMs));
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : lostInFlight(mapError(error));
    }
  }

  /** One flush whose errors tell how the connection ended. One that hangs beyond `deadlineMs` counts as lost. */
  async sendLast(statement: Statement, deadlineMs: number): Promise<Result> {
    const [result] = await this.#query([statement], deadlineMs);
    return result as Result;
  }

  /** Back to the pool, or destroyed when the connection is in doubt. */
  release(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#broken);
  }

  async #query(statements: readonly Statement[], answerMs: number): Promise<readonly Result[]> {
    const batch = new Batch(statements, answerMs);
    try {
      return await this.#client.query(batch).done;
    } catch (error) {
      const told = mapError(this.#ended ?? error);
      if (endsConnection(told)) this.#broken = true;
      throw told;
    }
  }

  /**
   * On abort the server is told to cancel. Both answers are awaited for a moment before the connection goes on, so that no later statement is
   * hit; without them it is destroyed.
   */
  async #cancellable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal === undefined) return work();
    signal.throwIfAborted();
    const { promise: late, reject } = Promise.withResolvers<never>();
    let timer: NodeJS.Timeout | undefined;
    let cancelled: Promise<boolean> | undefined;
    const abort = () => {
      const { processID } = this.#client as PoolClient & { readonly processID: number };
      cancelled = cancel(this.#pool, processID, cancelMs);
      timer = setTimeout(() => {
        this.#broken = true;
        reject(signal.reason);
      }, cancelMs);
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      if ((await cancelled) === false) this.#broken = true;
    }
  }
}
