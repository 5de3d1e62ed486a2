/** A way of doing the same thing, once per call. `turn` counts up from 0 over all callers. */
export type Way = (turn: number) => Promise<unknown>;

export interface MeasureOptions {
  /** Calls in flight; 8. */
  readonly callers?: number;
  /** Milliseconds a way runs in each round. */
  readonly roundMs?: number;
  readonly rounds?: number;
}

export interface Measured {
  /** Medians over the rounds, calls a second. */
  readonly perSecond: Readonly<Record<string, number>>;
  /** Median over the rounds of one way's rate to another's of the same round. */
  ratio(way: string, to: string): number;
}

/** A B C, A B C, …: each round runs every way, so that what else the machine does meets all of them alike. The first round only warms up. */
export async function interleaved(
  ways: Readonly<Record<string, Way>>,
  options: MeasureOptions = {},
): Promise<Measured> {
  const { callers = 8, roundMs = 400, rounds = 9 } = options;
  const rates: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, way] of Object.entries(ways)) {
      const rate = await rateOf(way, callers, roundMs);
      if (round > 0) rates[name]?.push(rate);
    }
  return measuredOf(rates);
}

/** From each way's rate in each round. */
export const measuredOf = (rates: Readonly<Record<string, readonly number[]>>): Measured => ({
  perSecond: Object.fromEntries(Object.entries(rates).map(([name, all]) => [name, Math.round(median(all))])),
  ratio: (way, to) => median((rates[way] ?? []).map((rate, i) => rate / (rates[to]?.[i] ?? Number.NaN))),
});

async function rateOf(way: Way, callers: number, ms: number): Promise<number> {
  const begun = performance.now();
  let turns = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - begun < ms) await way(turns++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (turns * 1_000) / (performance.now() - begun);
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
};
