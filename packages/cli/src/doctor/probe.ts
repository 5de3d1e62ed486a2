import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { knownError } from "../known-error.ts";

/** What one look came to. */
export interface Line {
  readonly name: string;
  /** `skipped`: it could not be asked, because something before it failed. */
  readonly state: "ok" | "problem" | "skipped";
  readonly code: string | null;
  /** What was seen; with a problem, what is wrong and what mends it. */
  readonly saw: string;
  readonly unreachable: boolean;
}

/** Looks one after the other; what a failed one stands for is not looked at. */
export class Probes {
  readonly lines: Line[] = [];

  /** True when it was well. */
  async look(name: string, ask: () => Promise<string>): Promise<boolean> {
    try {
      this.#add(name, "ok", null, await ask());
      return true;
    } catch (cause) {
      const { code, message } = knownError(cause);
      this.#add(name, "problem", code, message, exitCodeOf(knownError(cause)) === exitCodes.unreachable);
      return false;
    }
  }

  skip(names: readonly string[], because: string): void {
    for (const name of names) this.#add(name, "skipped", null, because);
  }

  #add(name: string, state: Line["state"], code: string | null, saw: string, unreachable = false): void {
    this.lines.push({ name, state, code, saw, unreachable });
  }
}
