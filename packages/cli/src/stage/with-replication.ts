import { liveStage, startCapture, startReplicator } from "@stellaops/cutover";
import { systemClock, uuidV7 } from "@stellaops/kernel";
import type { Context } from "../context.ts";
import type { Wired } from "./wiring.ts";

/** Replicator and capture of its own while a command runs, so that what is pending drains also where no service is up. */
export async function withReplication<T>(
  { logger }: Context,
  { module, mongo, sides, replicas }: Wired,
  work: () => Promise<T>,
): Promise<T> {
  const instance = `stella-data ${uuidV7(systemClock).next()}`;
  const stage = await liveStage({ module: module.name, sides, instance, logger });
  const replicator = startReplicator({ module, replicas, stage, logger, pollMs: 100 });
  const capture = startCapture({ module, mongo, stage, instance, logger, pollMs: 100 });
  try {
    return await work();
  } finally {
    await capture.close();
    await replicator.close();
    await stage.close();
  }
}
