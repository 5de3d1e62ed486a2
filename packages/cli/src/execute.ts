import { readConfig } from "./config/read-config.ts";
import { settingNames } from "./config/names.ts";
import { Settings, type Sources } from "./config/settings.ts";
import { Connections } from "./connections.ts";
import type { Command } from "./context.ts";
import { exitCodeOf, exitCodes, type ExitCode } from "./exit-code.ts";
import { interrupted } from "./interrupted.ts";
import { knownError } from "./known-error.ts";
import { logOf } from "./output/log.ts";
import { terminalOf, type Terminal } from "./output/terminal.ts";

/** Options of every command. */
export interface CommonOptions extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly config?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly debug?: boolean;
  readonly connectTimeout?: number;
}

/** How to go on after an interruption. */
export interface Resume {
  readonly resume: string;
}

/** Runs one command from configuration to exit code: nothing is thrown, and whatever was opened is closed. */
export async function execute(command: Command, options: CommonOptions, { resume }: Resume): Promise<ExitCode> {
  const { json = false, quiet = false, verbose = false, debug = false, connectTimeout = 5 } = options;
  const terminal = terminalOf(quiet);
  const stop = new AbortController();
  const unlisten = onInterrupt(stop);
  let connections: Connections | undefined;
  try {
    const config = await readConfig(options.config);
    const settings = new Settings({ flags: flagsOf(options), environment: process.env, config });
    const logger = logOf({ verbose, debug });
    connections = new Connections(settings, logger, connectTimeout * 1_000);
    const outcome = await command({ settings, connections, terminal, logger, signal: stop.signal, json });
    terminal.status(null);
    if (json) terminal.printJson({ ok: outcome.holds, ...outcome.result });
    else for (const line of outcome.lines) terminal.print(line);
    return outcome.exitCode ?? (outcome.holds ? exitCodes.done : exitCodes.refused);
  } catch (error) {
    terminal.status(null);
    if (stop.signal.aborted) return tellInterrupted(terminal, json, resume);
    return tellError(terminal, error, { json, debug });
  } finally {
    await connections?.close();
    unlisten();
  }
}

export function tellError(
  terminal: Terminal,
  cause: unknown,
  { json, debug }: { readonly json: boolean; readonly debug: boolean },
): ExitCode {
  const error = knownError(cause);
  terminal.note(`${error.code}: ${error.message}`);
  if (debug) for (let at: unknown = error; at instanceof Error; at = at.cause) terminal.note(at.stack ?? at.message);
  const { code, family, message, details } = error;
  if (json) terminal.printJson({ ok: false, error: { code, family, message, details } });
  return exitCodeOf(error);
}

function tellInterrupted(terminal: Terminal, json: boolean, resume: string): ExitCode {
  const message = `interrupted; ${resume}`;
  terminal.note(`INTERRUPTED: ${message}`);
  if (json)
    terminal.printJson({ ok: false, error: { code: "INTERRUPTED", family: "transient", message, details: {} } });
  return exitCodes.interrupted;
}

/** The first signal ends the command in good order, a second one at once. */
function onInterrupt(stop: AbortController): () => void {
  const abort = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort(interrupted(signal));
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return () => {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  };
}

const flagsOf = (options: CommonOptions): Sources["flags"] =>
  Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = options[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
