import type { KnownInstance } from "@stellaops/cutover";
import { table } from "../output/table.ts";

/** An instance is missing once it has given no sign for longer than its lease lasts by default. */
const silentMs = 3_000;

export interface ShownInstance extends KnownInstance {
  /** It has acknowledged the stage as it is. */
  readonly acknowledged: boolean;
  /** It has given no sign for longer than a read lease lasts. */
  readonly silent: boolean;
}

export const shown = (instances: readonly KnownInstance[], epoch: bigint): readonly ShownInstance[] =>
  instances.map((one) => ({ ...one, acknowledged: one.epoch >= epoch, silent: one.ageMs > silentMs }));

export const nameOf = (instance: string, known: KnownInstance | undefined): string =>
  known === undefined ? instance : `${instance} (${known.host}, process ${known.pid})`;

export function instanceLines(instances: readonly ShownInstance[]): readonly string[] {
  if (instances.length === 0) return ["  no instance gives a sign"];
  const rows = instances.map((one) => [
    one.instance,
    one.host,
    one.pid,
    one.version,
    String(one.epoch),
    `${(one.ageMs / 1_000).toFixed(1)} s`,
    one.silent ? "silent" : one.acknowledged ? "acknowledged" : "behind",
  ]);
  const heads = ["instance", "host", "process", "version", "epoch", "last sign", "is"];
  return table(heads, rows).map((line) => `  ${line}`);
}
