import { dataError } from "@stellaops/kernel";
import type { Command, Context, Outcome } from "../context.ts";
import { exitCodeOf, exitCodes, type ExitCode } from "../exit-code.ts";
import { knownError } from "../known-error.ts";
import { moduleNames } from "../modules.ts";

/**
 * The same command for one module, or for each of them in turn where "all" is given: what one refuses does not keep it from the next. JSON
 * has one object a module under `modules`; the exit code is the first module's that did not end with 0.
 */
export const ofEach =
  <O extends { readonly module: string }>(commandOf: (options: O) => Command) =>
  (options: O): Command =>
    options.module === "all" ? (context) => each(context, options, commandOf) : commandOf(options);

async function each<O extends { readonly module: string }>(
  context: Context,
  options: O,
  commandOf: (options: O) => Command,
): Promise<Outcome> {
  if ("receipt" in options && options.receipt !== undefined)
    throw dataError("RECEIPT_ONE", 'a receipt is of one module; name it instead of "all", or leave --receipt out');
  const seen: { readonly module: string; readonly code: ExitCode; readonly result: object; readonly lines: Lines }[] =
    [];
  for (const module of moduleNames) {
    context.signal.throwIfAborted();
    seen.push({ module, ...(await told(context, commandOf({ ...options, module }))) });
  }
  const failed = seen.find(({ code }) => code !== exitCodes.done);
  return {
    holds: failed === undefined,
    ...(failed === undefined ? {} : { exitCode: failed.code }),
    result: {
      modules: Object.fromEntries(seen.map(({ module, code, result }) => [module, { ok: code === 0, ...result }])),
    },
    lines: seen.flatMap(({ module, lines }) => [`${module}:`, ...lines.map((line) => `  ${line}`)]),
  };
}

type Lines = readonly string[];

async function told(context: Context, command: Command) {
  try {
    const { holds, exitCode, result, lines } = await command(context);
    return { code: exitCode ?? (holds ? exitCodes.done : exitCodes.refused), result, lines };
  } catch (cause) {
    context.signal.throwIfAborted();
    const error = knownError(cause);
    const { code, family, message, details } = error;
    return {
      code: exitCodeOf(error),
      result: { error: { code, family, message, details } },
      lines: [`${code}: ${message}`],
    };
  }
}
