import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { moment, type Call, type End, type Plain, type Refusal } from "./call.ts";

type Begun = Omit<Call, "begun" | "end">;
interface Line {
  readonly call: number;
  readonly begun?: Begun & { readonly at: number };
  readonly end?: End;
}

/** What the callers of one process were told. Each line is with the operating system before anything goes on, so that a killed process leaves all it knew. */
export class Journal {
  readonly #file: number;
  #calls = 0;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** Before the call is made; gives what to say at its end. */
  begin(begun: Begun): (end: { readonly answer: Plain } | Refusal) => void {
    const call = (this.#calls += 1);
    this.#write({ call, begun: { ...begun, at: moment() } });
    return (end) => this.#write({ call, end: { at: moment(), ...end } });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

export function readJournal(path: string): readonly Call[] {
  const calls = new Map<number, Call>();
  // What follows the last line feed is empty, or the line that a kill has cut.
  for (const text of readFileSync(path, "utf8").split("\n").slice(0, -1)) {
    const { call, begun, end } = JSON.parse(text) as Line;
    if (begun !== undefined) {
      const { at, ...what } = begun;
      calls.set(call, { ...what, begun: at, end: null });
    }
    const known = calls.get(call);
    if (end !== undefined && known !== undefined) calls.set(call, { ...known, end });
  }
  return [...calls.values()];
}
