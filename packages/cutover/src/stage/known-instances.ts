import { within } from "../within.ts";
import type { Sides } from "../side.ts";
import type { Database } from "../stages.ts";
import type { SeenInstance } from "./instance.ts";

export interface KnownInstance extends SeenInstance {
  /** Where it gave its last sign. */
  readonly database: Database;
}

export interface Instances {
  /** In the order of their names. */
  readonly instances: readonly KnownInstance[];
  /** Databases that did not answer: what was told there alone is not known. */
  readonly unreachable: readonly Database[];
}

const answerMs = 2_000;

/** Who serves the module, from both databases: of each instance its last sign. */
export async function instancesOf(sides: Sides): Promise<Instances> {
  const databases = ["mongo", "postgres"] as const;
  const told = await Promise.allSettled(
    databases.map((database) => within(answerMs, sides[database].instances.seen())),
  );
  const newest = new Map<string, KnownInstance>();
  const unreachable: Database[] = [];
  for (const [index, database] of databases.entries()) {
    const answer = told[index];
    if (answer?.status !== "fulfilled") unreachable.push(database);
    else
      for (const one of answer.value)
        if (isLater(one, newest.get(one.instance))) newest.set(one.instance, { ...one, database });
  }
  const instances = [...newest.values()].toSorted((a, b) => (a.instance < b.instance ? -1 : 1));
  return { instances, unreachable };
}

/** Epochs of an instance only grow. Ages are asked for at two moments, so that they tell signs of one epoch apart no better than these are. */
const isLater = (one: SeenInstance, other: SeenInstance | undefined): boolean =>
  other === undefined || one.epoch > other.epoch || (one.epoch === other.epoch && one.ageMs < other.ageMs);
