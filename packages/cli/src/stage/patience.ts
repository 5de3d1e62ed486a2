import { instancesOf, situationOf, type Change, type KnownInstance, type Lease } from "@stellaops/cutover";
import { dataError } from "@stellaops/kernel";
import type { Context } from "../context.ts";
import { plural } from "../output/table.ts";
import { byWhom } from "./by.ts";
import { nameOf } from "./instances.ts";
import type { StageOptions } from "./options.ts";
import type { Wired } from "./wiring.ts";

/** How a move of the primary waits for instances: it tells who is missing, and passes over those stated to be gone. */
export async function patienceOf(
  { terminal }: Context,
  { sides }: Wired,
  options: StageOptions,
): Promise<Pick<Change, "gone" | "onWait">> {
  const { instances } = await instancesOf(sides);
  const named = new Map(instances.map((one) => [one.instance, one]));
  const { gone = [] } = options;
  if (gone.length > 0) {
    const { at } = await situationOf(sides);
    const held = await sides[at.database].leases.outstanding(at.epoch, 0);
    for (const instance of gone) terminal.note(statement(instance, named.get(instance), held));
  }
  let told = 0;
  return {
    ...(gone.length === 0 ? {} : { gone: { instances: gone, reason: byWhom(options, "--gone").reason } }),
    onWait({ waitedMs, leases }) {
      // The first half second is how long instances need that are well.
      if (waitedMs < told + (told === 0 ? 500 : 1_000)) return;
      told = waitedMs;
      const missing = leases.map((lease) => `${nameOf(lease.instance, named.get(lease.instance))} (${left(lease)})`);
      terminal.note(
        `waiting for ${seconds(waitedMs)}: ${plural(missing.length, "instance")} may still read from the old primary: ${missing.join(", ")}`,
      );
    },
  };
}

/** @throws `INSTANCE_UNKNOWN` (data) */
function statement(instance: string, known: KnownInstance | undefined, held: readonly Lease[]): string {
  const lease = held.find((one) => one.instance === instance);
  if (known === undefined && lease === undefined)
    throw dataError(
      "INSTANCE_UNKNOWN",
      `no instance "${instance}" is known; \`stella-data stage show\` lists them by name`,
      { details: { instance } },
    );
  const sign = known === undefined ? "it never gave a sign" : `its last sign is ${seconds(known.ageMs)} old`;
  return `${nameOf(instance, known)} is stated to be gone: ${sign}${lease === undefined ? ", and it holds no lease" : `, ${left(lease)}`}; should it live, what it reads may be stale until its lease has run out`;
}

const left = ({ leftMs }: Lease): string =>
  leftMs > 0 ? `its lease runs out in ${seconds(leftMs)}` : "its lease has just run out";

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
