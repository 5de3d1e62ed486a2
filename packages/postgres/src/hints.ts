/** A place in the order of claims: when due, in ISO form, then id. */
export interface Position {
  readonly at: string;
  readonly id: string;
}

export const lowest: Position = { at: "-infinity", id: "00000000-0000-0000-0000-000000000000" };

interface Span {
  readonly begun: number;
  readonly ended: number;
}

/** What a claim begins with. */
export interface Hint {
  /** When claims last looked from the beginning. */
  readonly since: number;
  /** How long that took; milliseconds. */
  readonly walkMs: number;
  /** What a claim learns counts no more when there was a look from the beginning, or an offer, after it began. */
  readonly look: number;
  /** Of each rank: before it nothing was left to claim. */
  readonly positions: readonly Position[];
}

/** How long what lies before a hint may go unseen; milliseconds. */
const lifetimeMs = 1_000;
/** Looks from the beginning by claims that found too little take one part in so many of the time. */
const share = 20;
/** How far before a claim the hint of an exhausted rank lies: clocks differ, and what is due now is stored a moment later. */
export const slackMs = 500;
/** Tenants of all queues whose hints are kept at once. */
const most = 10_000;

/**
 * Where the claims of this process came to. Index entries of jobs that are claimed already stay until no snapshot may see them, and without
 * a hint every claim would walk over all of them. A belief and no more: it says where to look first, what is claimed is guarded by itself.
 */
export class Hints {
  readonly #hints = new Map<string, Hint>();
  #looks = 0;
  #off = false;

  /** Null: look from the beginning. Of several that find a hint too old only the first does: together they would make the walk that hints avoid. */
  of(key: string, now: number): Hint | null {
    const hint = this.#hints.get(key);
    if (hint === undefined || this.#off) return null;
    if (now - hint.since < lifetimeMs) return hint;
    this.#hints.set(key, { ...hint, since: now });
    return null;
  }

  /** Whether a claim that found too little from its hint looks from the beginning as well. Where that is slow, not each one does. */
  again(key: string, now: number): boolean {
    const hint = this.#hints.get(key);
    if (hint === undefined) return true;
    if (now - hint.since < hint.walkMs * share) return false;
    this.#hints.set(key, { ...hint, since: now });
    return true;
  }

  /** What a claim has learnt that looked from a hint, or from the beginning. */
  learn(key: string, { begun, ended }: Span, from: Hint | null, positions: readonly Position[]): void {
    const hint = this.#hints.get(key);
    if (from !== null && hint?.look !== from.look) return;
    if (this.#hints.size >= most) this.#hints.clear();
    const walked = { since: begun, walkMs: ended - begun, look: (this.#looks += 1) };
    this.#hints.set(key, { ...(from === null ? walked : (hint ?? from)), positions });
  }

  /** Something became due there. */
  offer(key: string, rank: number, at: string): void {
    const hint = this.#hints.get(key);
    const position = hint?.positions[rank];
    if (hint === undefined || position === undefined || at > position.at) return;
    const lowered = hint.positions.map((was, i) => (i === rank ? { at, id: lowest.id } : was));
    this.#hints.set(key, { ...hint, look: (this.#looks += 1), positions: lowered });
  }

  drop(key: string): void {
    this.#hints.delete(key);
  }

  /** For measurements: every claim looks from the beginning. */
  disable(): void {
    this.#off = true;
  }
}

const all = new WeakMap<object, Hints>();

/** Of one database, as this process knows it. */
export function hintsOf(home: object): Hints {
  let hints = all.get(home);
  if (hints === undefined) all.set(home, (hints = new Hints()));
  return hints;
}
