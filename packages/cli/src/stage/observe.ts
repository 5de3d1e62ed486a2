import {
  captureState,
  instancesOf,
  reasonsOf,
  showStage,
  stages,
  type Copies,
  type Database,
  type Failure,
  type Replica,
  type StageRecord,
} from "@stellaops/cutover";
import { refused, unavailable } from "@stellaops/kernel";
import { plural } from "../output/table.ts";
import { instanceLines, shown, type ShownInstance } from "./instances.ts";
import type { Wired } from "./wiring.ts";

export interface Replication {
  readonly pending: number;
  readonly parked: number;
  /** Of the oldest key that is pending; null: none is, or its age was not kept. */
  readonly oldestMs: number | null;
  readonly lag: Awaited<ReturnType<Replica["lag"]>>;
  readonly backfilledAt: string | null;
  readonly sweptAt: string | null;
}

/** A module at one moment. */
export interface Observation {
  readonly module: string;
  readonly situation: "settled" | "moving" | "opening" | "moved";
  readonly at: StageRecord;
  readonly primary: Database;
  readonly secondary: Database | null;
  readonly answering: readonly Database[];
  readonly unreachable: readonly Database[];
  /** Why. */
  readonly failures: readonly Failure[];
  /** A database that was given up as lost, is back, and still takes itself for the primary. */
  readonly older: StageRecord | null;
  readonly instances: readonly ShownInstance[];
  /** Null where nothing is replicated, or the database that would tell does not answer. */
  readonly replication: Replication | null;
  /** Why writes of other programs may have been missed, and no comparison has covered it yet. */
  readonly captureLoss: string | null;
}

/** @throws `STAGE_NONE` (refused), `STAGE_UNKNOWN` (unavailable) */
export async function observe(wired: Wired): Promise<Observation> {
  const { sides, module } = wired;
  const { copies, failures, situation } = await showStage(sides);
  if (situation.kind === "none")
    throw refused(
      "STAGE_NONE",
      `module ${module.name} has no stage record; run \`stella-data stage init --module ${module.name} --stage mongo\``,
    );
  if (situation.kind === "unknown")
    throw unavailable(
      "STAGE_UNKNOWN",
      `the stage cannot be told while ${situation.waitsFor.join(" and ") || "a change"} cannot be read${failures.length === 0 ? "" : `: ${reasonsOf(failures)}`}; mend that and try again, or see \`stella-data stage recover --help\` where it is lost for good`,
      { details: { failures } },
    );
  const { kind, at } = situation;
  const { primary, secondary } = stages[at.stage];
  const [{ instances }, replication, captureLoss] = await Promise.all([
    instancesOf(sides),
    replicationOf(wired, at),
    lossOf(wired, at),
  ]);
  return {
    module: module.name,
    situation: kind,
    at,
    primary,
    secondary,
    answering: databases.filter((database) => copies[database] !== undefined),
    unreachable: unreachable(copies),
    failures,
    older: situation.kind === "moved" ? null : (situation.older ?? null),
    instances: shown(instances, at.epoch),
    replication,
    captureLoss,
  };
}

async function lossOf({ mongo }: Wired, { stage }: StageRecord): Promise<string | null> {
  const { primary, secondary } = stages[stage];
  if (primary !== "mongo" || secondary === null) return null;
  const state = await captureState(mongo.db).catch(() => null);
  return state?.loss?.coveredAt === null ? state.loss.reason : null;
}

const databases = ["mongo", "postgres"] as const;
const unreachable = (copies: Copies): readonly Database[] =>
  databases.filter((database) => copies[database] === undefined);

async function replicationOf({ replicas, progress }: Wired, at: StageRecord): Promise<Replication | null> {
  if (stages[at.stage].secondary === null) return null;
  const primary = replicas[at.database];
  const [lag, state] = await Promise.allSettled([primary.lag(), progress.state(at.generation)]);
  if (lag.status === "rejected") return null;
  const { pending, parked, oldestMs } = lag.value.reduce(
    (sum, one) => ({
      pending: sum.pending + one.pending,
      parked: sum.parked + one.parked,
      oldestMs: one.pendingMs === null ? sum.oldestMs : Math.max(sum.oldestMs ?? 0, one.pendingMs),
    }),
    { pending: 0, parked: 0, oldestMs: null as number | null },
  );
  // Where the backfill stands is kept in PostgreSQL, which may be the one that is away.
  const { backfilledAt = null, sweptAt = null } = state.status === "fulfilled" ? state.value : {};
  return {
    pending,
    parked,
    oldestMs,
    lag: lag.value,
    backfilledAt: backfilledAt?.toISOString() ?? null,
    sweptAt: sweptAt?.toISOString() ?? null,
  };
}

export function linesOf(seen: Observation): readonly string[] {
  const { module, situation, at, primary, secondary, replication } = seen;
  return [
    `${module} is at "${at.stage}" (${situation}${at.target === null ? "" : `, on its way to "${at.target}"`})`,
    `  primary ${primary}, secondary ${secondary ?? "none"}, epoch ${at.epoch}, generation ${at.generation}`,
    `  since ${at.changedAt.toISOString()} by ${at.changedBy}: ${at.reason}`,
    `  answering: ${seen.answering.join(" and ")}`,
    ...seen.failures.map(
      ({ database, code, message, answered }) =>
        `  ${database} CANNOT BE ${answered ? "READ" : "REACHED"}: ${code} (${message}); what it would tell is missing here`,
    ),
    ...(seen.older === null ? [] : [olderLine(seen.older, module)]),
    ...(replication === null ? [] : replicationLines(replication)),
    ...(seen.captureLoss === null
      ? []
      : [
          `  writes of other programs may have been missed: ${seen.captureLoss}; run \`stella-data capture rescan --module ${module}\``,
        ]),
    ...instanceLines(seen.instances),
  ];
}

const olderLine = ({ database, stage, epoch }: StageRecord, module: string): string =>
  `  ${database} was given up as lost and is back: it takes itself for the primary, at "${stage}" of epoch ${epoch}; run \`stella-data stage recover --module ${module}\` to retire its copy`;

function replicationLines({ pending, parked, oldestMs, lag, backfilledAt, sweptAt }: Replication): readonly string[] {
  const behind = lag.filter((one) => one.pending + one.parked > 0);
  return [
    `  pending ${pending}${oldestMs === null ? "" : `, the oldest for ${(oldestMs / 1_000).toFixed(1)} s`}, parked ${parked}`,
    ...behind.map((one) => `    ${one.aggregate}: ${plural(one.pending, "key")} pending, ${one.parked} parked`),
    `  backfilled ${backfilledAt ?? "not yet"}, swept ${sweptAt ?? "not yet"}`,
  ];
}
