import type { Scope } from "@stellaops/cutover";
import type { Calls } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../src/index.ts";
import { routingCalls } from "./routing/calls.ts";
import { workCalls } from "./work/calls.ts";

/** Every verb once. Claims ask for more than one: one alone is a single command on MongoDB. */
export const calls: Calls<NotifyRepositories> = { ...routingCalls, ...workCalls };

/** A row at least in every table. */
export async function fill(scope: Scope<NotifyRepositories>): Promise<void> {
  for (const { prepare, run } of Object.values(calls)) {
    const prepared = (await prepare?.(scope, 1)) as never;
    await run(scope, 1, prepared);
  }
}
