import type { CompareOptions } from "@stellaops/cutover";
import type { Context } from "../context.ts";
import { reachBoth, settledView, type Wired } from "../stage/wiring.ts";
import { version } from "../version.ts";
import { compareProgress } from "./progress.ts";

/** What a comparison of a module takes, at the stage as it is now. */
export async function compareOptions(context: Context, wired: Wired): Promise<CompareOptions> {
  await reachBoth(wired);
  return {
    module: wired.module,
    postgres: wired.postgres.pool,
    mongo: wired.mongo.db,
    view: await settledView(wired),
    signal: context.signal,
    onProgress: await compareProgress(context, wired),
    toolVersion: version,
  };
}
