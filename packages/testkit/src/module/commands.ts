import type { Scope } from "@stellaops/cutover/open";
import fc, { type Arbitrary } from "fast-check";

/** A call of one verb by one tenant, as data, so that a failing sequence can be printed and run again. */
export interface Command {
  readonly tenant: string;
  /** `advisories.put`; `transaction` takes commands of one tenant as its arguments. */
  readonly verb: string;
  readonly args: readonly unknown[];
}

/** Arguments of verbs, by `<repository>.<verb>`. */
export type Arguments = Readonly<Record<string, Arbitrary<readonly unknown[]>>>;

/** Every verb of a module; one that is missing fails the test that counts them. */
export interface Commands {
  readonly reads: Arguments;
  readonly writes: Arguments;
  /** Run before each sequence, so that later commands find something. */
  readonly initial: readonly Command[];
}

export const tenants: readonly string[] = ["acme", "umbrella", "@global"];

/** The first has the most to do. */
export const anyTenant: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant("acme") },
  fc.constantFrom(...tenants),
);

const ofVerbs = (verbs: Arguments, tenant: Arbitrary<string>): Arbitrary<Command> =>
  fc.oneof(
    ...Object.entries(verbs).map(([verb, args]) =>
      fc.record<Command>({ tenant, verb: fc.constant(verb), args }, { noNullPrototype: true }),
    ),
  );

/** Writes are twice as frequent as reads, so that there is something to read. */
export function commandOf({ reads, writes }: Pick<Commands, "reads" | "writes">): Arbitrary<Command> {
  const unit = anyTenant.chain((tenant) =>
    fc
      .array(fc.oneof(ofVerbs(writes, fc.constant(tenant)), ofVerbs(reads, fc.constant(tenant))), {
        minLength: 1,
        maxLength: 4,
      })
      .map((args): Command => ({ tenant, verb: "transaction", args })),
  );
  return fc.oneof(
    { weight: 6, arbitrary: ofVerbs(writes, anyTenant) },
    { weight: 3, arbitrary: ofVerbs(reads, anyTenant) },
    { weight: 1, arbitrary: unit },
  );
}

type Verb = (...args: readonly unknown[]) => Promise<unknown>;

export async function perform<R>(scope: Scope<R>, { verb, args }: Command): Promise<unknown> {
  if (verb !== "transaction") return call(scope, verb, args);
  return scope.transaction(async (repositories) => {
    const answers: unknown[] = [];
    for (const inner of args as readonly Command[]) answers.push(await call(repositories, inner.verb, inner.args));
    return answers;
  });
}

function call(repositories: object, verb: string, args: readonly unknown[]): Promise<unknown> {
  const [name = "", method = ""] = verb.split(".");
  return (repositories as Readonly<Record<string, Readonly<Record<string, Verb>>>>)[name]![method]!(...args);
}
