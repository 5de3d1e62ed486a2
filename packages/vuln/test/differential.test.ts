import { inTurn, outcomeOf, walk } from "@stellaops/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anyTenant, command, perform, reads, tenants, writes, type Command } from "./commands.ts";
import { initial } from "./initial.ts";
import { mongoRig } from "./mongo-rig.ts";
import { postgresRig } from "./postgres-rig.ts";
import type { Repositories, Rig } from "./store.ts";

/**
 * The same commands on both databases at once: same answers, same refusals, same order, same cursors, and the same state at the end.
 * A failure prints the commands and a seed; `STELLA_SEED=<seed>` runs it again, `STELLA_RUNS` sets how many sequences are tried.
 */
const options = {
  interruptAfterTimeLimit: 100_000,
  seed: Number(process.env.STELLA_SEED ?? 20_260_301),
  numRuns: Number(process.env.STELLA_RUNS ?? 30),
};

/** Everything that is stored, through the repositories and in the register. */
async function stateOf(rig: Rig): Promise<object> {
  const names: readonly (keyof Repositories)[] = [
    "sources",
    "sourceStates",
    "feedSnapshots",
    "advisories",
    "kevFlags",
    "mergeEvents",
  ];
  const lists = await inTurn(tenants, (tenant) =>
    inTurn(names, (name) => walk<unknown>((request) => rig.at(tenant)[name].list(request), 100)),
  );
  return { lists, register: await rig.register() };
}

describe.each([{ registered: false }, { registered: true }])("registered: $registered", (kind) => {
  let rigs: readonly [Rig, Rig];
  beforeAll(async () => void (rigs = await Promise.all([postgresRig(kind), mongoRig(kind)])));
  afterAll(() => Promise.all(rigs.map((rig) => rig.close())));

  const both = async (commands: readonly Command[]): Promise<void> => {
    await Promise.all(rigs.map((rig) => rig.reset()));
    for (const one of [...initial, ...commands]) {
      const [postgres, mongo] = await Promise.all(rigs.map((rig) => outcomeOf(() => perform(rig.at(one.tenant), one))));
      const { verb } = one;
      expect({ verb, mongo }).toEqual({ verb, mongo: postgres });
    }
    const [postgres, mongo] = await Promise.all(rigs.map(stateOf));
    expect(mongo).toEqual(postgres);
  };

  it("differential: any sequence of commands comes to the same on both databases", { timeout: 600_000 }, async () => {
    const commands = fc.array(command, { minLength: 5, maxLength: 40, size: "max" });
    await expect(fc.assert(fc.asyncProperty(commands, both), options)).resolves.toBeUndefined();
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
