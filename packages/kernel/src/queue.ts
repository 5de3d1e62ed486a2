import { derivedOf, isChild, normalisePart, type Aggregate, type AggregateOf, type Shape } from "./aggregate.ts";
import { byBytes } from "./bytes.ts";
import type { GuardedChild } from "./guard.ts";

type Loose = Readonly<Record<string, unknown>>;
type Fields<A, V> = {
  [K in keyof AggregateOf<A> & string]: AggregateOf<A>[K] extends V ? K : never;
}[keyof AggregateOf<A> & string];
type StatusOf<A> = AggregateOf<A> extends { readonly status: infer V } ? V & string : never;
type Rows<A> = {
  readonly [K in Fields<A, readonly object[]>]: AggregateOf<A>[K] extends readonly (infer R)[] ? R : never;
};

export interface Statuses<V extends string = string> {
  readonly ready: V;
  readonly taken: V;
  readonly done: V;
  readonly failed: V;
}

/** How rows are claimed. */
export interface QueueRules<A extends Aggregate> {
  /** When a row is due; null: never. */
  readonly due: Fields<A, Date | null>;
  /** Of the field `status`. Without it a row may be claimed whenever it is due and nobody's lease is running. */
  readonly status?: Statuses<StatusOf<A>>;
  /** How often a row was claimed; `attempts` when left out. */
  readonly attempts?: Fields<A, bigint>;
  /** What the last attempt failed with; `lastError` when left out. */
  readonly error?: Fields<A, string | null>;
  /** A derived integer from 0 (see `rankOf`) that goes before `due`, and how many there are. */
  readonly rank?: { readonly field: string; readonly ranks: number };
  /** What else must hold. */
  readonly only?: Partial<AggregateOf<A>>;
  /** What a claim writes beside the lease, where no status says it. */
  readonly set?: Partial<AggregateOf<A>>;
  /** After so many claims a row whose lease runs out has failed for good. */
  readonly maxAttempts?: bigint;
  /** A row that each change of the status adds to a list of children. */
  readonly events?: {
    readonly [K in keyof Rows<A>]: {
      readonly child: K;
      readonly of: (status: StatusOf<A>, at: Date, error: string | null) => Rows<A>[K];
    };
  }[keyof Rows<A>];
}

export interface Queue<A extends Aggregate = Aggregate> {
  readonly definition: A;
  readonly due: string;
  readonly status: Statuses | null;
  readonly attempts: string;
  readonly error: string;
  readonly rank: { readonly field: string; readonly ranks: number } | null;
  /** Equalities of what may be claimed. */
  readonly only: Loose;
  /** What a claim writes beside the lease. */
  readonly set: Loose;
  readonly maxAttempts: bigint | null;
  event(status: string, at: Date, error: string | null): GuardedChild | null;
}

export function queue<A extends Aggregate>(definition: A, rules: QueueRules<A>): Queue<A> {
  const { due, status = null, rank = null, only = {}, set = {}, maxAttempts = null } = rules as QueueRules<Aggregate>;
  const { attempts = "attempts", error = "lastError" } = rules as {
    readonly attempts?: string;
    readonly error?: string;
  };
  for (const field of status === null ? [attempts] : [attempts, error])
    if (!(field in definition.shape)) throw new TypeError(`${definition.table} has no field ${field}`);
  if (rank !== null && derivedOf(definition).every(({ name }) => name !== rank.field))
    throw new TypeError(`${definition.table} derives no ${rank.field}`);
  const events = rules.events as unknown as LooseEvents | undefined;
  const child = events === undefined ? undefined : (definition.shape as Shape)[events.child];
  return {
    definition,
    due,
    status,
    attempts,
    error,
    rank,
    only: { ...only, ...(status === null ? {} : { status: status.ready }) },
    set: normalisePart<Aggregate, string>(definition, {
      ...set,
      ...(status === null ? {} : { status: status.taken }),
    }),
    maxAttempts,
    event(to, at, reason) {
      if (events === undefined || child === undefined || !isChild(child)) return null;
      return { name: events.child, child, put: events.of(to, at, reason), key: {}, when: null };
    },
  };
}

interface LooseEvents {
  readonly child: string;
  of(status: string, at: Date, error: string | null): Loose;
}

/** Whether a claim would take the row once it is due. */
export const isReady = ({ only, status }: Queue, row: object): boolean =>
  Object.entries(only).every(([name, value]) => (row as Loose)[name] === value) &&
  (status !== null || (row as Loose)["leaseHolder"] === null);

/** Of a row among the queue's ranks; 0 where there are none. */
export function rankIn({ definition, rank }: Queue, row: object): number {
  const derived = derivedOf(definition).find(({ name }) => name === rank?.field);
  return derived === undefined ? 0 : Number(derived.from(row as never));
}

/** Rank, then when it became due, then id: the order of claims, for a database gives what it changed in none. */
export function inClaimOrder(of: Queue): (a: object, b: object) => number {
  const position = (value: object): readonly [number, number, string] => {
    const row = value as Loose & { readonly id: string };
    return [rankIn(of, row), (row[of.due] as Date).getTime(), row.id];
  };
  return (a, b) => {
    const [x, y] = [position(a), position(b)];
    return x[0] - y[0] || x[1] - y[1] || byBytes(x[2], y[2]);
  };
}
