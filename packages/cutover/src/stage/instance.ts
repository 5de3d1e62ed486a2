import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** A process that serves the module, as it tells of itself. */
export interface Instance {
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: Date;
  /** The newest epoch that it has learned and acknowledged. */
  readonly epoch: bigint;
}

export interface SeenInstance extends Instance {
  /** Since its last sign, by the clock of the database that keeps it; milliseconds. */
  readonly ageMs: number;
}

/** Who serves the module, at one database. Each instance tells it of itself about once a second. */
export interface InstanceTable {
  sign(instance: Instance): Promise<void>;
  /** Whoever has given no sign for a day: nobody said goodbye for it. */
  forgetSilent(): Promise<void>;
  /** In the order of their names. */
  seen(): Promise<readonly SeenInstance[]>;
  forget(instance: string): Promise<void>;
}

const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const own = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "?";

/** This process. `version` is the service's own, where it gives one; else that of this package. */
export const thisProcess = (instance: string, version: string = own): Omit<Instance, "epoch"> => ({
  instance,
  host: hostname(),
  pid: process.pid,
  version,
  startedAt: new Date(Math.round(performance.timeOrigin)),
});
