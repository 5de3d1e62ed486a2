/** Something that jobs are claimed from, filled anew for each turn. */
export interface Queue {
  /** So many jobs that are due, and nothing else. */
  fill(count: number): Promise<void>;
  /** At most so many, by one statement of its own; how many were got. */
  claim(limit: number): Promise<number>;
}
/** With connections of its own. */
export type Peer = Queue & AsyncDisposable;

export interface Turn {
  readonly callers: number;
  readonly limit: number;
  /** Claimed in one turn. */
  readonly jobs: number;
}

/** Jobs a second, with so many claims in flight until enough jobs are claimed. */
export async function claimRate(claim: Queue["claim"], { callers, limit, jobs }: Turn): Promise<number> {
  let claimed = 0;
  const caller = async (): Promise<void> => {
    while (claimed < jobs) {
      const got = await claim(limit);
      if (got === 0) throw new Error("the queue was empty before its turn was over");
      claimed += got;
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (claimed * 1_000) / (performance.now() - begun);
}
