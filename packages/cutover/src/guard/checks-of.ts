import { assertStep, type Stage } from "../stages.ts";
import type { CheckName } from "./evidence.ts";

type Step = `${Stage} -> ${Stage}`;

const hold = ["backfill", "backlog"] as const;
const compared = ["shadow", "comparison"] as const;

/** What each step asks for. Steps that keep the primary and go on replicating are free, so that they work with the secondary dead. */
const table: { readonly [S in Step]?: readonly CheckName[] } = {
  "mongo -> dual-write": ["migrations"],
  "dual-write -> shadow": ["capture", ...hold],
  "shadow -> live": ["capture", ...hold, ...compared],
  "live -> ramp-down": [],
  "ramp-down -> postgres": ["confirmation"],
  "postgres -> ramp-down": ["migrations"],
  "ramp-down -> live": [],
  "live -> shadow": [...hold, ...compared],
  "shadow -> dual-write": [],
  "dual-write -> mongo": ["confirmation"],
};

/** @throws `STAGE_STEP` (refused) */
export function checksOf(from: Stage, to: Stage): readonly CheckName[] {
  assertStep(from, to);
  return table[`${from} -> ${to}`] ?? [];
}
