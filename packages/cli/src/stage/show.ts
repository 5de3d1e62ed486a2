import type { Command } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { linesOf, observe } from "./observe.ts";
import type { StageOptions } from "./options.ts";
import { wire } from "./wiring.ts";

/** Where the module is, what is under way, who serves it, and what is still to be replicated. */
export const show =
  ({ module }: StageOptions): Command =>
  async (context) => {
    const seen = await observe(wire(context, module));
    const whole = seen.unreachable.length === 0;
    return {
      holds: whole,
      ...(whole ? {} : { exitCode: exitCodes.unreachable }),
      result: seen,
      lines: linesOf(seen),
    };
  };
