/** Numbers that a seed repeats. */
export interface Random {
  /** 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
  chance(probability: number): boolean;
  /** Another one, which what is drawn from this one does not disturb. */
  fork(name: string | number): Random;
}

/** mulberry32: 32 bits of state are enough to spread commands, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    pick(from) {
      const found = from[below(from.length)];
      if (found === undefined) throw new RangeError("nothing to pick from");
      return found;
    },
    chance: (probability) => next() < probability,
    fork: (name) =>
      randomOf(
        [...`${seed}/${name}`].reduce(
          (hash, c) => Math.imul(hash ^ (c.codePointAt(0) ?? 0), 16_777_619),
          2_166_136_261,
        ),
      ),
  };
}
