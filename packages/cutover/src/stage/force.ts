import { refused, transient, unavailable } from "@stellaops/kernel";
import type { Change } from "../change.ts";
import { noFaults } from "../faults.ts";
import { recover } from "../move.ts";
import type { StageRecord } from "../record.ts";
import type { Sides } from "../side.ts";
import { otherDatabase, type Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import { fixOf, lookAtBoth, reasonsOf } from "./failure.ts";

/** What `forceRecovery` takes for granted. */
export interface Loss {
  readonly module: string;
  /** It does not answer, and is taken as lost for good, for everybody. */
  readonly lost: Database;
  readonly survivor: Database;
  /** The survivor's copy of the stage record: the last that it was told. */
  readonly copy: StageRecord | null;
  /** The epoch under which the survivor goes on alone. */
  readonly epoch: bigint;
  /** Sentences for whoever has to decide. */
  readonly assumes: readonly string[];
}

/**
 * The lost copy may have gone on by itself, through steps that keep the primary, without a word to the survivor. Nobody makes as many of them
 * as this, and a round number shows in the history what it is.
 */
const leap = 1_000_000n;
const epochAfter = (known: bigint): bigint => (known / leap + 1n) * leap;

/** Longer than elsewhere: a server that is slow to say no is not lost. */
const answerMs = 10_000;

/**
 * Looks at a module whose primary cannot be reached. Changes nothing.
 * @throws `STAGE_NOT_LOST` (refused) when both databases answer, also with a refusal such as a wrong password, or the one that can be read
 * is the primary; `STAGE_UNKNOWN` (unavailable) when neither can be read; `STAGE_NONE` (refused) when the module was never initialised
 */
export async function lossOf(sides: Sides, module: string): Promise<Loss> {
  const { copies, failures } = await lookAtBoth(sides, answerMs);
  const { mongo, postgres } = copies;
  if (mongo === undefined && postgres === undefined)
    throw unavailable(
      "STAGE_UNKNOWN",
      `neither database can be read: ${reasonsOf(failures)}; bring one of them back and try again`,
      { details: { failures } },
    );
  if (mongo !== undefined && postgres !== undefined)
    throw refused(
      "STAGE_NOT_LOST",
      `both databases answer, so nothing is lost: run \`stella-data stage recover --module ${module}\` without --force`,
    );
  const answers = failures.find(({ answered }) => answered);
  if (answers !== undefined)
    throw refused(
      "STAGE_NOT_LOST",
      `${answers.database} cannot be read, but it answers, so it is not lost: ${reasonsOf([answers])}; ${fixOf(answers)}`,
      { details: { failures } },
    );
  const lost = mongo === undefined ? "mongo" : "postgres";
  const survivor = otherDatabase(lost);
  const copy = (lost === "mongo" ? postgres : mongo) ?? null;
  if (copy === null && survivor === "postgres")
    throw refused("STAGE_NONE", `module ${module} has no stage record; initialise its stage first`);
  if (copy !== null && copy.state !== "ready" && copy.state !== "moved")
    throw refused(
      "STAGE_NOT_LOST",
      `${survivor} is the primary and answers (${copy.state} at "${copy.stage}"): run \`stella-data stage abandon --module ${module}\` to go on without ${lost}`,
    );
  const epoch = epochAfter(copy?.epoch ?? 0n);
  return { module, lost, survivor, copy, epoch, assumes: assumptions(lost, copy, epoch) };
}

function assumptions(lost: Database, copy: StageRecord | null, epoch: bigint): readonly string[] {
  const survivor = otherDatabase(lost);
  const since = copy === null ? "the beginning" : `${copy.changedAt.toISOString()} (epoch ${copy.epoch})`;
  return [
    `${lost} is lost for good, and for everybody: no service reads from it or writes to it any more`,
    `${survivor} goes on alone, at stage "${survivor}" under epoch ${epoch}, which is above every epoch that ${lost} can have`,
    copy?.state === "ready"
      ? `a move to ${survivor} had been drained at ${since}: nothing is missing if it was decided; if it was reverted, whatever ${lost} accepted since and had not delivered is missing`
      : `${lost} was the primary since ${since} as far as ${survivor} knows: whatever it accepted and had not delivered is missing, and how much that is only ${lost} could tell`,
    `should ${lost} come back, its copy of the stage record is retired by the next stage command that sees both; until then a process that reaches ${lost} alone would believe it, so keep services away from it`,
  ];
}

export interface Force extends Change {
  readonly reason: string;
  readonly loss: Loss;
}

/**
 * Makes the survivor the only database, under a new epoch and a new generation. Applies of every generation known here are closed first: a
 * process that still sees the lost primary must not write over what is the primary now.
 * @throws `STAGE_CONTENDED` (transient) when the survivor's copy has changed since it was looked at
 */
export async function forceRecovery(force: Force): Promise<StageView> {
  const { sides, by, reason, loss, fenceMs = 10_000, faults = noFaults } = force;
  const { module, survivor, lost, copy, epoch, assumes } = loss;
  const { records, fence } = sides[survivor];
  const generations = copy?.generations ?? [];
  await fence.closeApplies(epoch, generations, fenceMs);
  const opening: StageRecord = {
    module,
    database: survivor,
    state: "opening",
    epoch,
    stage: survivor,
    target: null,
    generation: epoch,
    generations,
    changedAt: new Date(0),
    changedBy: by,
    reason,
    evidence: { forced: { lost, assumes } },
  };
  if (!(await records.compareAndSet(copy, opening)))
    throw transient("STAGE_CONTENDED", `${survivor}'s copy of the stage of ${module} has changed; look and try again`);
  await faults.at("after-decision");
  // A move that was under way may have opened the epoch after it already, which nobody has learned.
  if (copy !== null) await fence.close(copy.epoch, fenceMs);
  return recover(force);
}
