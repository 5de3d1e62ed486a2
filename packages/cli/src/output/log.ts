import { isDataLayerError } from "@stellaops/kernel";
import { pino, type Logger } from "pino";
import { redact } from "./redact.ts";

export interface LogOptions {
  readonly verbose: boolean;
  readonly debug: boolean;
}

/** JSON lines on stderr, without secrets, and without stacks unless `--debug` asks for them. */
export function logOf({ verbose, debug }: LogOptions): Logger {
  const error = (cause: unknown): unknown => {
    if (!(cause instanceof Error)) return cause;
    const code = isDataLayerError(cause) ? { code: cause.code } : {};
    return { name: cause.name, ...code, message: cause.message, ...(debug ? { stack: cause.stack } : {}) };
  };
  const level = debug ? "debug" : verbose ? "info" : "warn";
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: error, error } },
    { write: (line: string) => void process.stderr.write(redact(line)) },
  );
}
