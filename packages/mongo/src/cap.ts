import { familyOf } from "@stellaops/kernel";
import type { ClientSession, MongoClient } from "mongodb";
import { unitTimeout } from "./errors.ts";

/** Ends a transaction that takes too long, also while an operation of it is under way: a session serves one operation at a time, so the server is told by another. */
export class Cap {
  readonly #capMs: number | undefined;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #killed: Promise<unknown> | undefined;

  constructor(client: MongoClient, session: ClientSession, capMs: number | undefined) {
    this.#capMs = capMs;
    if (capMs === undefined) return;
    const kill = () => client.db("admin").command({ killSessions: [session.id] });
    this.#timer = setTimeout(() => void (this.#killed = kill().catch(() => undefined)), capMs);
  }

  /** Before COMMIT. @throws `UNIT_TIMEOUT` (transient) */
  check(): void {
    if (this.#over()) throw this.#timeout(undefined);
  }

  /** What the end of its transaction looked like from inside of the unit is told as what it was. */
  told(error: unknown): unknown {
    const family = familyOf(error);
    return this.#over() && (family === "transient" || family === "unavailable") ? this.#timeout(error) : error;
  }

  /** The session may serve another unit afterwards. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#killed;
  }

  #over(): boolean {
    return this.#capMs !== undefined && performance.now() - this.#begun > this.#capMs;
  }

  #timeout(cause: unknown): Error {
    return unitTimeout(this.#capMs ?? 0, cause);
  }
}
