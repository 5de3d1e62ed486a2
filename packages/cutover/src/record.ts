import { otherDatabase, replicates, stages } from "./stages.ts";
import type { Database, Stage } from "./stages.ts";

/**
 * How far a copy of the stage record is, in the order within one epoch:
 * - `ready`: the coming primary knows what it is to become; it accepts nothing yet;
 * - `opening`: decided here (a change that keeps the primary, or a reverted one); the epoch is not open yet;
 * - `settled`: this database is the primary, at this epoch;
 * - `moving`: a change to `target` was begun here; no unit of work begins any more;
 * - `moved`: the other database is the primary, of the next epoch.
 */
export type RecordState = "ready" | "opening" | "settled" | "moving" | "moved";

const order: readonly RecordState[] = ["ready", "opening", "settled", "moving", "moved"];

/** One database's copy of a module's stage record. State and epoch identify it: a change has one target, an epoch one stage. */
export interface StageRecord {
  readonly module: string;
  readonly database: Database;
  readonly state: RecordState;
  /** Grows with every change, across both databases. */
  readonly epoch: bigint;
  readonly stage: Stage;
  /** Only while `moving`. */
  readonly target: Stage | null;
  /** Grows whenever replication begins or ends. */
  readonly generation: bigint;
  /** Every generation that ever replicated, ascending: closing older applies closes each of them. */
  readonly generations: readonly bigint[];
  readonly changedAt: Date;
  readonly changedBy: string;
  readonly reason: string;
  /** What the guard of the change saw; JSON. */
  readonly evidence: unknown;
}

/** Null: no record there. Undefined: that database did not answer. */
export type Copies = { readonly [D in Database]: StageRecord | null | undefined };

/** A copy is trusted alone only while it is `settled`; every other state says what is to be done, and where. */
export type Situation =
  | { readonly kind: "none" }
  /** The copies that answered do not say who the primary is; `waitsFor` names those that did not answer. */
  | { readonly kind: "unknown"; readonly waitsFor: readonly Database[] }
  /** `older`: the other database claims to be the primary too, of an epoch that is over: it was given up as lost, and is back. */
  | { readonly kind: "settled" | "moving" | "opening"; readonly at: StageRecord; readonly older?: StageRecord }
  | { readonly kind: "moved"; readonly at: StageRecord; readonly ready: StageRecord };

/** True when `next` comes after `copy` in the order (epoch, state): a copy only ever moves up. */
export const isAfter = (
  next: { readonly epoch: bigint; readonly state: RecordState },
  copy: { readonly epoch: bigint; readonly state: RecordState },
): boolean =>
  next.epoch > copy.epoch || (next.epoch === copy.epoch && order.indexOf(next.state) > order.indexOf(copy.state));

/** Reads the two copies as one record. They are read one after the other, so what is returned may be over already: every write compares. */
export function settle(copies: Copies): Situation {
  const present = [copies.mongo, copies.postgres].filter((copy) => copy !== null && copy !== undefined);
  const waitsFor = (["mongo", "postgres"] as const).filter((database) => copies[database] === undefined);
  if (present.length === 0 && waitsFor.length === 0) return { kind: "none" };
  const [at, older] = present
    .filter((copy) => copy.state === "settled" || copy.state === "moving" || copy.state === "opening")
    .toSorted((a, b) => (isAfter(a, b) ? -1 : 1));
  if (at !== undefined) return { kind: kindOf(at), at, ...(older === undefined ? {} : { older }) };
  const moved = present.find((copy) => copy.state === "moved" && readyAfter(copy, copies));
  const ready = moved && readyAfter(moved, copies);
  return moved && ready ? { kind: "moved", at: moved, ready } : { kind: "unknown", waitsFor };
}

const kindOf = ({ state }: StageRecord): "settled" | "moving" | "opening" =>
  state === "settled" ? "settled" : state === "moving" ? "moving" : "opening";

function readyAfter(moved: StageRecord, copies: Copies): StageRecord | undefined {
  const copy = copies[otherDatabase(moved.database)];
  return copy && copy.state === "ready" && copy.epoch === moved.epoch + 1n ? copy : undefined;
}

/** What the epoch after `at` carries when the change goes to `target`: a generation begins whenever replication begins or ends. */
export function newGeneration(
  at: StageRecord,
  target: Stage,
): Pick<StageRecord, "stage" | "generation" | "generations"> {
  const same = replicates(target) === replicates(at.stage);
  const generation = same ? at.generation : at.epoch + 1n;
  const generations = !same && replicates(target) ? [...at.generations, generation] : at.generations;
  return { stage: target, generation, generations };
}

/** The database that is the primary once the change has gone through. */
export const goesTo = (at: StageRecord): Database => stages[at.target ?? at.stage].primary;
