import fc from "fast-check";
import { commandOf, tenants, type Command } from "@stellaops/testkit/module";
import { commands as ofVuln } from "../../../../packages/vuln/test/commands.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { definitions } from "../model/aggregates.ts";
import { answerOf, text } from "../model/answer.ts";
import { Reference } from "../model/reference.ts";
import { sabotages, seamsOf } from "../model/sabotage.ts";
import { dualStore, fixedStore, type Store } from "../model/stores.ts";

const fullSize = 10_000;
const longest = 100;

export const model: Experiment = {
  claim: "any sequence of commands comes to the same in memory, on each database, and on both under a live stage",
  full: `${fullSize} sequences of up to ${longest} commands: model, mongo, postgres, dual both ways`,
  seconds: 25,
  sabotages,
  run,
};

/** At the end everything is read, in its order. */
const everything: readonly Command[] = tenants.flatMap((tenant) =>
  Object.keys(definitions).map((name) => ({ tenant, verb: `${name}.list`, args: [{ limit: 100 }] })),
);

async function run({ servers, seed, seconds, full, sabotage, signal, log }: Setting): Promise<Outcome> {
  await using parts = new AsyncDisposableStack();
  const stores: Store[] = [];
  for (const open of [
    () => fixedStore(servers, "mongo"),
    () => fixedStore(servers, "postgres"),
    () => dualStore(servers, "shadow"),
    () => dualStore(servers, "live", seamsOf(sabotage)),
  ])
    stores.push(parts.use(await open()));
  let [sequences, commands] = [0, 0];
  let last: Promise<unknown> = Promise.resolve();
  const property = fc.asyncProperty(
    fc.array(commandOf(ofVuln), { minLength: 1, maxLength: longest, size: "max" }),
    async (sequence) => {
      if (signal.aborted) return;
      const all = [...ofVuln.initial, ...sequence, ...everything];
      // All of them come to their end, also when one falls over: the next sequence must not meet the rest of this one.
      const judging = Promise.allSettled(stores.map((store) => faultOf(store, all)));
      last = judging;
      for (const judged of await judging) {
        if (judged.status === "rejected") throw judged.reason;
        if (judged.value !== null) throw new Error(judged.value);
      }
      sequences += 1;
      commands += sequence.length;
    },
  );
  const found = await fc.check(property, {
    seed,
    numRuns: full ? fullSize : sabotage === null ? 100_000 : 5,
    // What was broken on purpose needs no shortest example, and is not told by a lack of time.
    endOnFailure: sabotage !== null,
    ...(Number.isFinite(seconds) && sabotage === null ? { interruptAfterTimeLimit: seconds * 1_000 } : {}),
  });
  // The time limit does not wait for the sequence under way.
  await last;
  const counts = { sequences, commands, stores: stores.length };
  if (!found.failed || found.counterexample === null)
    return { counts, broken: sequences === 0 ? ["no sequence came to its end; give it more --seconds"] : [] };
  const [shortest] = found.counterexample;
  if (sabotage === null) log(`the shortest sequence that was found, path ${found.counterexamplePath}:`);
  if (sabotage === null) for (const one of shortest) log(`  ${text(one)}`);
  const { errorInstance } = found;
  return { counts, broken: [errorInstance instanceof Error ? errorInstance.message : String(errorInstance)] };
}

/** The first answer that is not the model's, or what the two databases of a store differ in at the end. */
async function faultOf(store: Store, sequence: readonly Command[]): Promise<string | null> {
  await store.reset();
  const reference = new Reference(store.registered);
  const expecting = (tenant: string) => reference.at(tenant) as unknown as ReturnType<Store["at"]>;
  for (const [i, one] of sequence.entries()) {
    const expected = await answerOf(expecting, one);
    const answer = await answerOf(store.at, one);
    if (answer !== expected) {
      const from = firstDifference(expected, answer);
      return `${store.name}: command ${i}, ${one.verb}: the model says ${around(expected, from)}, it says ${around(answer, from)}`;
    }
  }
  const differs = await store.settled();
  return differs === null ? null : `${store.name}: the databases differ at the end: ${cut(differs)}`;
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
const around = (whole: string, at: number): string => `${at > 60 ? "…" : ""}${cut(whole.slice(Math.max(0, at - 60)))}`;
const cut = (whole: string): string => (whole.length > 400 ? `${whole.slice(0, 400)}…` : whole);
