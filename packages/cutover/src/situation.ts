import { refused, unavailable } from "@stellaops/kernel";
import { settle } from "./record.ts";
import type { Situation } from "./record.ts";
import type { Sides } from "./side.ts";
import { lookAtBoth, reasonsOf } from "./stage/failure.ts";
import type { Look } from "./stage/failure.ts";
import { until } from "./until.ts";

export type KnownSituation = Exclude<Situation, { kind: "none" | "unknown" }>;

/** Both copies as they are, what they say together, and why one could not be read. */
export async function showStage(sides: Sides): Promise<Look & { readonly situation: Situation }> {
  const found = await lookAtBoth(sides);
  return { ...found, situation: settle(found.copies) };
}

/** The two reads may fall on both sides of a step and make no sense together: then it looks again. */
export async function wholeStage(sides: Sides): Promise<Awaited<ReturnType<typeof showStage>>> {
  let found = await showStage(sides);
  const torn = ({ situation }: typeof found): boolean =>
    situation.kind === "unknown" && situation.waitsFor.length === 0;
  await until(async () => !torn(found) || !torn((found = await showStage(sides))), { deadlineMs: 500, pauseMs: 10 });
  return found;
}

/**
 * What is settled or under way.
 * @throws `STAGE_NONE` (refused) when the module was never initialised; `STAGE_UNKNOWN` (unavailable) when the copy that would
 * tell cannot be read.
 */
export async function situationOf(sides: Sides): Promise<KnownSituation> {
  const { situation, failures } = await wholeStage(sides);
  if (situation.kind === "unknown" && situation.waitsFor.length > 0)
    throw unavailable(
      "STAGE_UNKNOWN",
      `the stage cannot be told while ${situation.waitsFor.join(" and ")} cannot be read: ${reasonsOf(failures)}; mend that and try again`,
      { details: { waitsFor: situation.waitsFor, failures } },
    );
  if (situation.kind === "none" || situation.kind === "unknown")
    throw refused("STAGE_NONE", "the module has no stage record, or only half of one; initialise its stage");
  return situation;
}
