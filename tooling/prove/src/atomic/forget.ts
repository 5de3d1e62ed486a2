import { setTimeout as wait } from "node:timers/promises";
import type { Rigs } from "./place.ts";

/** Locks that nobody holds are deleted on MongoDB, as a tidy program might do. */
export async function forgetLocks({ scheduler }: Rigs, going: () => boolean): Promise<void> {
  while (going()) {
    await scheduler.mongo.db.collection("locks").deleteMany({ holder: null });
    await wait(50);
  }
}
