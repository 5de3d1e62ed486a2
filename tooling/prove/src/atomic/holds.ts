import { Floor } from "../history/floor.ts";

/** Something was given to one caller: a job under an attempt, a lock under a token, until a moment of the callers' clock. */
export interface Given {
  readonly key: string;
  /** Attempt or token; each key counts its own. */
  readonly number: number;
  readonly by: string;
  /** Callers' clock, milliseconds. */
  readonly at: number;
  readonly until: number;
  /** The call: machine's clock. */
  readonly begun: number;
  readonly ended: number;
}

/** A verb that only the holder of a number may use. */
export interface Used {
  readonly key: string;
  readonly number: number;
  readonly by: string;
  readonly verb: string;
  readonly begun: number;
  /** Open: the process died before it was told, so that it may have happened. */
  readonly outcome: "done" | "refused" | "open";
  /** Where it extends the lease. */
  readonly until?: number;
  /** It ends the holding; the next may have it from that moment of the callers' clock on. */
  readonly freeFrom?: number;
  /** It ends everything: nobody is given the key again. */
  readonly final?: boolean;
}

/** Leases that had run out by a moment of the callers' clock were taken back. */
export interface Freed {
  readonly at: number;
  readonly begun: number;
}

export interface History {
  readonly given: readonly Given[];
  readonly used: readonly Used[];
  readonly freed?: readonly Freed[];
}

export interface Holdings {
  /** A sentence for each way in which two had one thing at once; nothing where each key had one holder at a time. */
  readonly broken: readonly string[];
  /** Verbs that were refused to those whose key another had been given. */
  readonly late: number;
}

export function judgeHolds({ given, used, freed = [] }: History): Holdings {
  const usedOf = Map.groupBy(used, ({ key }) => key);
  const givenOf = Map.groupBy(given, ({ key }) => key);
  const keys = [...new Set([...givenOf.keys(), ...usedOf.keys()])];
  const judged = keys.map((key) => {
    const own = (givenOf.get(key) ?? []).toSorted((a, b) => a.number - b.number || a.ended - b.ended);
    return { key, ...judgeKey(own, usedOf.get(key) ?? [], freed) };
  });
  return {
    broken: judged.flatMap(({ key, broken }) => broken.map((sentence) => `${key}: ${sentence}`)),
    late: judged.reduce((sum, { late }) => sum + late, 0),
  };
}

function judgeKey(given: readonly Given[], used: readonly Used[], freed: readonly Freed[]): Holdings {
  const highest = new Floor();
  for (const { ended, number } of given.toSorted((a, b) => a.ended - b.ended)) highest.raise(ended, number);
  const overtaken = used.filter(({ number, begun }) => highest.at(begun) > number);
  return {
    broken: [
      ...checkNumbers(given, highest),
      ...checkOverlaps(given, used, freed),
      ...overtaken.filter(({ outcome }) => outcome === "done").map(wentThrough),
      ...checkEnd(given, used),
    ],
    late: overtaken.filter(({ outcome }) => outcome === "refused").length,
  };
}

const wentThrough = ({ by, verb, number }: Used): string =>
  `${verb} of ${by} went through with number ${number}, after a higher one had been given`;

/** Numbers are given once, and grow: what was given later in time is higher. */
function checkNumbers(given: readonly Given[], highest: Floor): readonly string[] {
  return given.flatMap(({ number, by, begun }, i) => {
    const before = given[i - 1];
    const twice = before?.number === number ? [`number ${number} was given to ${before.by} and to ${by}`] : [];
    const least = highest.at(begun);
    return least > number ? [...twice, `number ${number} was given to ${by} after ${least} had been`] : twice;
  });
}

/** Whoever has it, has it until its lease is over or it gives it back. */
function checkOverlaps(given: readonly Given[], used: readonly Used[], freed: readonly Freed[]): readonly string[] {
  const uses = Map.groupBy(used, ({ number }) => number);
  return given.flatMap((earlier, i) => {
    const later = given[i + 1];
    if (later === undefined || later.number === earlier.number) return [];
    const own = (uses.get(earlier.number) ?? []).filter(({ by }) => by === earlier.by);
    const back = own.filter(({ freeFrom, outcome }) => freeFrom !== undefined && outcome !== "refused");
    if (back.length > 0) {
      const freeFrom = Math.min(...back.map((one) => (one.outcome === "open" ? 0 : (one.freeFrom ?? 0))));
      if (later.at >= freeFrom) return [];
      return [`${later.by} was given number ${later.number} ${freeFrom - later.at} ms before it was free`];
    }
    const until = Math.max(earlier.until, ...own.map((one) => (one.outcome === "done" ? (one.until ?? 0) : 0)));
    if (later.at >= until || freed.some(({ at, begun }) => at >= until && begun < later.ended)) return [];
    return [
      `${later.by} was given number ${later.number} while ${earlier.by} had ${earlier.number} for ${until - later.at} ms more`,
    ];
  });
}

function checkEnd(given: readonly Given[], used: readonly Used[]): readonly string[] {
  const ends = used.filter(({ final = false, outcome }) => final && outcome === "done");
  const [first] = ends;
  if (first === undefined) return [];
  const broken = ends.length > 1 ? [`it was ended ${ends.length} times`] : [];
  const again = given.find(({ number }) => number > first.number);
  return again === undefined
    ? broken
    : [...broken, `number ${again.number} was given after ${first.number} had ended it`];
}
