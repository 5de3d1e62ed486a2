import type { Logger } from "@stellaops/kernel";
import type { Settings } from "./config/settings.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Connections } from "./connections.ts";
import type { Terminal } from "./output/terminal.ts";

/** What a command works with. */
export interface Context {
  readonly settings: Settings;
  readonly connections: Connections;
  readonly terminal: Terminal;
  readonly logger: Logger;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** What is on stdout is for a program: nobody is asked anything. */
  readonly json: boolean;
}

/** What a command came to. */
export interface Outcome {
  /** False: a check found something; the exit code is 1. */
  readonly holds: boolean;
  /** Where it says more than `holds`. */
  readonly exitCode?: ExitCode;
  /** For `--json`; `ok` is put in front. */
  readonly result: object;
  /** For people. */
  readonly lines: readonly string[];
}

export type Command = (context: Context) => Promise<Outcome>;
