import type { Pool, PoolClient } from "pg";
import { Batch, type Result, type Statement } from "./batch.ts";
import { endsConnection, lostAtLogin, lostInFlight, mapError } from "./errors.ts";

/** A connection out of the pool, for one unit. */
export class Line {
  readonly #pool: Pool;
  readonly #client: PoolClient;
  #broken = false;
  /** What the server said when it ended the connection while nothing was being asked. */
  #ended: unknown;
  readonly #onError = (error: unknown): void => void (this.#ended ??= error);

  private constructor(pool: Pool, client: PoolClient) {
    this.#pool = pool;
    this.#client = client;
    client.on("error", this.#onError);
  }

  get broken(): boolean {
    return this.#broken;
  }

  static async take(pool: Pool): Promise<Line> {
    try {
      return new Line(pool, await pool.connect());
    } catch (error) {
      throw lostAtLogin(mapError(error));
    }
  }

  /** One flush. A connection that is lost in it is a transient error: this is not for COMMIT. */
  async send(statements: readonly Statement[], signal?: AbortSignal): Promise<readonly Result[]> {
    try {
      return await this.#cancellable(signal, () => this.#query(statements));
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : lostInFlight(mapError(error));
    }
  }

  /** One flush whose errors tell how the connection ended. One that hangs beyond `deadlineMs` counts as lost. */
  async sendLast(statement: Statement, deadlineMs: number): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#broken = true;
        reject(mapError(new Error(`Connection terminated: no answer within ${deadlineMs} ms`)));
      }, deadlineMs);
    });
    try {
      const [result] = await Promise.race([this.#query([statement]), late]);
      return result as Result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Back to the pool, or destroyed when the connection is in doubt. */
  release(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#broken);
  }

  async #query(statements: readonly Statement[]): Promise<readonly Result[]> {
    const batch = new Batch(statements);
    try {
      return await this.#client.query(batch).done;
    } catch (error) {
      const told = mapError(this.#ended ?? error);
      if (endsConnection(told)) this.#broken = true;
      throw told;
    }
  }

  /** On abort the server is told to cancel; the answer is awaited before the connection goes on, so that no later statement is hit. */
  async #cancellable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal === undefined) return work();
    signal.throwIfAborted();
    let cancelled: Promise<unknown> | undefined;
    const abort = () => {
      const { processID } = this.#client as PoolClient & { readonly processID: number };
      cancelled = this.#pool.query("select pg_cancel_backend($1)", [processID]).catch(() => undefined);
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await work();
    } finally {
      signal.removeEventListener("abort", abort);
      await cancelled;
    }
  }
}
