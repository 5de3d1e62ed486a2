import { refused } from "@stellaops/kernel";

export type Stage = "mongo" | "dual-write" | "shadow" | "live" | "ramp-down" | "postgres";
export type Database = "mongo" | "postgres";

export interface StageBehaviour {
  /** Answers reads and takes writes. */
  readonly primary: Database;
  /** Receives what the primary accepted; null where nothing is replicated. */
  readonly secondary: Database | null;
  /** Some reads are asked of the secondary too, off the caller's path, and compared. */
  readonly shadowed: boolean;
  readonly next: Stage | null;
  readonly previous: Stage | null;
}

export const stages = {
  mongo: { primary: "mongo", secondary: null, shadowed: false, previous: null, next: "dual-write" },
  "dual-write": { primary: "mongo", secondary: "postgres", shadowed: false, previous: "mongo", next: "shadow" },
  shadow: { primary: "mongo", secondary: "postgres", shadowed: true, previous: "dual-write", next: "live" },
  live: { primary: "postgres", secondary: "mongo", shadowed: true, previous: "shadow", next: "ramp-down" },
  "ramp-down": { primary: "postgres", secondary: "mongo", shadowed: false, previous: "live", next: "postgres" },
  postgres: { primary: "postgres", secondary: null, shadowed: false, previous: "ramp-down", next: null },
} satisfies Record<Stage, StageBehaviour>;

export const stageNames: readonly Stage[] = ["mongo", "dual-write", "shadow", "live", "ramp-down", "postgres"];

export const isStage = (text: unknown): text is Stage => stageNames.some((stage) => stage === text);

const behaviourOf = (stage: Stage): StageBehaviour => stages[stage];

export const otherDatabase = (database: Database): Database => (database === "mongo" ? "postgres" : "mongo");

export const replicates = (stage: Stage): boolean => stages[stage].secondary !== null;

export const movesPrimary = (from: Stage, to: Stage): boolean => stages[from].primary !== stages[to].primary;

/** The one step that leads from where the module is towards another stage; null: it is there. */
export function stepTowards(from: Stage, to: Stage): Stage | null {
  const ahead = stageNames.indexOf(to) - stageNames.indexOf(from);
  return ahead === 0 ? null : ahead > 0 ? behaviourOf(from).next : behaviourOf(from).previous;
}

/** After such a step the other database needs a backfill again. */
export const endsReplication = (from: Stage, to: Stage): boolean => replicates(from) && !replicates(to);

/** @throws `STAGE_STEP` (refused) unless `to` is one step from `from`, forward or back. */
export function assertStep(from: Stage, to: Stage): void {
  const { next, previous } = behaviourOf(from);
  if (to === next || to === previous) return;
  const near = [previous, next].filter((stage) => stage !== null).join('" or "');
  throw refused("STAGE_STEP", `stages change one step at a time: from "${from}" go to "${near}", not to "${to}"`, {
    details: { from, to },
  });
}
