import { redact } from "./redact.ts";
import { toJson } from "./json.ts";

/** Results on stdout; everything else on stderr. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** The result as one line of JSON. */
  printJson(value: unknown): void;
  /** A line for whoever watches. */
  note(line: string): void;
  /** A line that replaces the one before it, where stderr is a terminal; null ends it. */
  status(line: string | null): void;
  readonly interactive: boolean;
}

export function terminalOf(quiet: boolean): Terminal {
  const { stdout, stderr, stdin } = process;
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write("\r\u001b[K");
    shown = false;
  };
  const note = (line: string): void => {
    clear();
    stderr.write(`${redact(line)}\n`);
  };
  return {
    print(line) {
      clear();
      stdout.write(`${redact(line)}\n`);
    },
    printJson(value) {
      clear();
      stdout.write(`${redact(toJson(value))}\n`);
    },
    note,
    status(line) {
      if (line === null) clear();
      else if (quiet) return;
      else if (stderr.isTTY) {
        stderr.write(`\r\u001b[K${redact(line).slice(0, (stderr.columns ?? 80) - 1)}`);
        shown = true;
      } else note(line);
    },
    interactive: stdin.isTTY && stderr.isTTY,
  };
}
