import { setTimeout as wait } from "node:timers/promises";
import type { Rigs } from "./place.ts";

/** Locks that nobody holds are deleted on MongoDB, as a tidy program might do. */
export async function forgetLocks({ all }: Rigs, going: () => boolean): Promise<void> {
  while (going()) {
    for (const { rig } of all) await rig.mongo.db.collection("locks").deleteMany({ holder: null });
    await wait(50);
  }
}
