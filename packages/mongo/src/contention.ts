interface Met {
  readonly width: number;
  readonly at: number;
}

/** Of blocks to choose from, at most and after a first collision. */
const widest = 64;
const first = 4;
/** After so long without a collision there are half as many; milliseconds. */
const calmMs = 500;
/** Tenants of all queues that are remembered at once. */
const most = 10_000;

/**
 * How many claimers seem to be after the same documents. Under a live source a claim runs in a transaction, and of two that claim one
 * document the later is aborted: after that, candidates are one block out of several, chosen by chance, until it has been calm for a while.
 */
export class Contention {
  readonly #met = new Map<string, Met>();

  /** Blocks to choose from; 1: strictly the first. */
  width(key: string, now: number): number {
    const met = this.#met.get(key);
    if (met === undefined) return 1;
    const width = met.width >> Math.floor((now - met.at) / calmMs);
    if (width <= 1) this.#met.delete(key);
    return Math.max(width, 1);
  }

  /** A claim collided with another. */
  collided(key: string, now: number): void {
    const width = Math.min(Math.max(this.width(key, now) * 2, first), widest);
    if (this.#met.size >= most) this.#met.clear();
    this.#met.set(key, { width, at: now });
  }
}

const all = new WeakMap<object, Contention>();

/** At one database, as this process knows it. */
export function contentionAt(home: object): Contention {
  let contention = all.get(home);
  if (contention === undefined) all.set(home, (contention = new Contention()));
  return contention;
}

/**
 * Candidates out of one of so many blocks, each as likely as the others; where it is empty, out of one before it. `ids` gives those of a
 * block.
 */
export async function oneBlock<T>(
  width: number,
  ids: (block: number) => Promise<readonly T[]>,
  random: () => number = Math.random,
): Promise<readonly T[]> {
  for (let below = width; ;) {
    const block = Math.floor(random() * below);
    const found = await ids(block);
    if (found.length > 0 || block === 0) return found;
    below = block;
  }
}
