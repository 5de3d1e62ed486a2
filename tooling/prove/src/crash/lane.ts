import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load, openJournal } from "@stellaops/demo";
import { recover, drainedOf, type Database, type Seams, type Stage } from "@stellaops/cutover";
import type { Servers } from "@stellaops/servers";
import type { Vuln } from "@stellaops/vuln";
import { rigOf, type Opened, type Rig } from "../rig.ts";

/** Where processes die under one primary: its databases, and a service beside them that lives on. */
export interface Lane extends AsyncDisposable {
  readonly primary: Database;
  /** Where each attempt begins: a stage from which the primary can move, and one that keeps it. */
  readonly home: Stage;
  readonly moved: Stage;
  readonly kept: Stage;
  readonly rig: Rig;
  readonly folder: string;
  /** The service that lives on. */
  service(): Vuln;
  /** It ends, so that a process that is to die is the only one. */
  stop(): Promise<void>;
  /** It is there, again or still. */
  start(): Promise<void>;
  /** The living service writes until the signal; the path of its journal. */
  write(name: string, seed: number, signal: AbortSignal): Promise<string>;
  /** What an operator does who finds a change under way. */
  recover(): Promise<void>;
}

const stagesOf = {
  mongo: { home: "shadow", moved: "live", kept: "dual-write" },
  postgres: { home: "live", moved: "shadow", kept: "ramp-down" },
} as const satisfies Record<Database, Record<string, Stage>>;

export async function laneOf(servers: Servers, primary: Database, seams: Seams = {}): Promise<Lane> {
  const parts = new AsyncDisposableStack();
  try {
    const rig = parts.use(await rigOf(servers, primary));
    const folder = await mkdtemp(join(tmpdir(), "stella-crash-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    let living: Opened | null = null;
    const stop = async (): Promise<void> => {
      const service = living;
      living = null;
      await service?.[Symbol.asyncDispose]();
    };
    parts.defer(stop);
    const start = async (): Promise<void> => void (living ??= await rig.open({ seams }));
    const service = (): Vuln => {
      if (living === null) throw new Error("the living service was stopped");
      return living.module;
    };
    await start();
    const { home } = stagesOf[primary];
    await rig.goTo(home);
    return {
      primary,
      ...stagesOf[primary],
      rig,
      folder,
      service,
      stop,
      start,
      async write(name, seed, signal) {
        const path = join(folder, `${name}.ndjson`);
        const journal = openJournal(path);
        await load({ vuln: service(), name, tenant: "acme", journal, seed, workers: 1, pauseMs: 10, signal });
        journal.close();
        return path;
      },
      async recover() {
        await recover({ sides: rig.sides, by: "operator", drained: drainedOf(rig.replicas) });
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}
