import { setTimeout as wait } from "node:timers/promises";
import { awaitCapture, captureState } from "@stellaops/cutover";
import { loseToken } from "@stellaops/testkit/capture";
import { openStreams, wholeDatabase } from "@stellaops/testkit/streams";
import type { Db } from "mongodb";
import type { Foreign } from "./foreign.ts";

/** Of a busy machine. */
const patienceMs = 60_000;
/** Writes of the script that nobody captures: enough to hold each kind. */
const missedWrites = 30;

const seatOf = (db: Db) => db.collection<{ readonly _id: string }>("captures");
const seat = { _id: "capture" } as const;

/** Somebody has the seat and never gives a sign again; whoever had it leaves it. */
const occupy = async (db: Db): Promise<void> => {
  const until = new Date(Date.now() + 3_600_000);
  await seatOf(db).updateOne(seat, { $set: { holder: "nobody", until } }, { upsert: true });
};

/** The seat is held by one that says of everything that it was captured, and captures nothing. */
export async function deaf(db: Db): Promise<AsyncDisposable> {
  await occupy(db);
  const stop = new AbortController();
  const { signal } = stop;
  const passing = (async () => {
    while (!signal.aborted) {
      await db.collection("capture_marks").deleteMany({});
      await wait(20, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await passing;
    },
  };
}

/**
 * Nobody captures for a while, the script writes on, and then the server does not know the saved position any more; until the stream flows
 * again, and the script beside it. Gives the documents that nobody was told of.
 */
export async function losePosition(db: Db, foreign: Foreign): Promise<ReadonlySet<string>> {
  await foreign.stop();
  if (!(await awaitCapture(db, { patienceMs }))) throw new Error("nobody captures");
  await occupy(db);
  const captures = async (): Promise<boolean> =>
    (await openStreams(db)).some(({ collection }) => collection === wholeDatabase);
  if (!(await happens(async () => !(await captures()))))
    throw new Error("who captures does not leave a seat it has lost");
  const missed = new Set<string>();
  for (let i = 0; i < missedWrites; i += 1) missed.add(await foreign.write());
  await loseToken(db);
  await seatOf(db).updateOne(seat, { $set: { holder: null } });
  // Marks that were set before are never met: asked earlier, a guard would wait for its own in vain.
  await happens(async () => (await captureState(db))?.loss?.restarted === true);
  foreign.start();
  return missed;
}

/** Nothing says any more that the stream ever did not flow. */
export async function forgetLoss(db: Db): Promise<void> {
  await seatOf(db).updateOne(seat, { $set: { loss: null } });
}

async function happens(ask: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() > deadline) return false;
    await wait(20);
  }
}
