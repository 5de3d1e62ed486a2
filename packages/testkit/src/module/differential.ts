import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import type { Page, PageRequest } from "@stellaops/kernel";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTurn, outcomeOf, walk } from "../contract.ts";
import { anyTenant, commandOf, perform, tenants, type Command, type Commands } from "./commands.ts";
import { mongoRig } from "./mongo-rig.ts";
import { postgresRig } from "./postgres-rig.ts";
import type { Rig } from "./rig.ts";

const options = {
  interruptAfterTimeLimit: 100_000,
  seed: Number(process.env.STELLA_SEED ?? 20_260_301),
  numRuns: Number(process.env.STELLA_RUNS ?? 30),
};

interface Listing {
  list(request: PageRequest): Promise<Page<unknown>>;
}
const listing = <R>(scope: Scope<R>, name: string): Listing =>
  (scope as unknown as Readonly<Record<string, Listing>>)[name]!;

/** Everything that is stored, through the repositories and in the register. */
async function stateOf<R>({ verbs }: ModuleWiring<R>, rig: Rig<R>): Promise<object> {
  const lists = await inTurn(tenants, (tenant) =>
    inTurn(Object.keys(verbs), (name) => walk((request) => listing(rig.at(tenant), name).list(request), 100)),
  );
  return { lists, register: await rig.register() };
}

/**
 * The same commands on both databases at once: same answers, same refusals, same order, same cursors, and the same state at the end.
 * A failure prints the commands and a seed; `STELLA_SEED=<seed>` runs it again, `STELLA_RUNS` sets how many sequences are tried.
 */
export function differentialSuite<R>(wiring: ModuleWiring<R>, commands: Commands): void {
  const { reads, writes, initial } = commands;
  const command = commandOf(commands);

  describe.each([{ registered: false }, { registered: true }])("registered: $registered", (kind) => {
    let rigs: readonly [Rig<R>, Rig<R>];
    beforeAll(async () => void (rigs = await Promise.all([postgresRig(wiring, kind), mongoRig(wiring, kind)])));
    afterAll(() => Promise.all(rigs.map((rig) => rig.close())));

    const compared = async (all: readonly Command[]): Promise<void> => {
      await Promise.all(rigs.map((rig) => rig.reset()));
      for (const one of [...initial, ...all]) {
        const [postgres, mongo] = await Promise.all(
          rigs.map((rig) => outcomeOf(() => perform(rig.at(one.tenant), one))),
        );
        const { verb } = one;
        expect({ verb, mongo }).toEqual({ verb, mongo: postgres });
      }
      const [postgres, mongo] = await Promise.all(rigs.map((rig) => stateOf(wiring, rig)));
      expect(mongo).toEqual(postgres);
    };
    // What a time limit interrupts still runs: the next sequence waits for its end, on the same databases.
    let running = Promise.resolve();
    const both = (all: readonly Command[]): Promise<void> =>
      (running = running.catch(() => undefined).then(() => compared(all)));

    it("differential: any sequence of commands comes to the same on both databases", { timeout: 600_000 }, async () => {
      const sequence = fc.array(command, { minLength: 5, maxLength: 40, size: "max" });
      await expect(fc.assert(fc.asyncProperty(sequence, both), options)).resolves.toBeUndefined();
    });

    const verbs = Object.entries({ ...reads, ...writes });
    it.each(verbs)("%s: answers alike on both databases, on what others have stored", async (verb, args) => {
      const property = fc.asyncProperty(
        fc.array(command, { maxLength: 4, size: "max" }),
        fc.array(fc.tuple(anyTenant, args), { minLength: 6, maxLength: 6 }),
        (before, calls) => both([...before, ...calls.map(([tenant, given]) => ({ tenant, verb, args: given }))]),
      );
      const numRuns = Math.ceil(options.numRuns / 15);
      await expect(fc.assert(property, { ...options, numRuns })).resolves.toBeUndefined();
    });
  });
}
