import { arbitraryOf, textArbitrary } from "@stellaops/testkit";
import fc, { type Arbitrary } from "fast-check";
import { advisories, kevFlags, mergeEvents, sources, sourceStates } from "../src/aggregates.ts";
import { day, noon } from "./samples.ts";
import type { Repositories, Scope } from "./store.ts";

/** A call of one verb by one tenant, as data, so that a failing sequence can be printed and run again. */
export interface Command {
  readonly tenant: string;
  /** `advisories.put`; `transaction` takes commands of one tenant as its arguments. */
  readonly verb: string;
  readonly args: readonly unknown[];
}

export const tenants = ["acme", "umbrella", "@global"];

// Small pools, so that commands meet: ids across tenants, keys across aggregates.
export const ids = Array.from({ length: 3 }, (_, i) => `01890000-0000-7000-8000-00000000000${i}`);
export const keys = ["A", "\uffff", "\u{1f600}", "$x.y"];
const id = fc.constantFrom(...ids);
const key = fc.constantFrom(...keys);
const oddKey = fc.oneof({ weight: 6, arbitrary: key }, textArbitrary(), fc.constant("\0"));
const oddId = fc.oneof({ weight: 8, arbitrary: id }, fc.constant("no id"));
const hash = fc.constantFrom("1", "2");
const when = fc.constantFrom(noon, day(1), day(2), day(-1), new Date("0001-01-01T00:00:00.000Z"));
/** What is stored at first is at 1. */
const revision = fc.constantFrom(0n, 1n, 1n, 2n, 3n);
const page = fc.record({ limit: fc.constantFrom(1, 2, 5) }, { noNullPrototype: true });
const dated = { id, createdAt: when, updatedAt: when };

const alias = fc.record({ scheme: fc.constantFrom("CVE", "GHSA"), value: key }, { noNullPrototype: true });
const aliases = fc
  .uniqueArray(alias, { maxLength: 3, selector: ({ scheme, value }) => `${scheme} ${value}` })
  // The domain keeps them sorted; here it is the store that sorts.
  .map((list) => list.toReversed());
const advisory = arbitraryOf(advisories, { ...dated, advisoryKey: key, contentHash: hash, modifiedAt: when, aliases });
const source = arbitraryOf(sources, { ...dated, key, priority: fc.constantFrom(-1, 0, 7) });
const sourceState = arbitraryOf(sourceStates, { ...dated, sourceId: id });
const kevFlag = arbitraryOf(kevFlags, { ...dated, cve: key });
const mergeEvent = arbitraryOf(mergeEvents, { ...dated, advisoryKey: key, mergedAt: when });
const opening = fc.record({ id, sourceId: id, snapshotKey: key, takenAt: when }, { noNullPrototype: true });
const entry = fc.record({ advisoryKey: oddKey, contentHash: hash }, { noNullPrototype: true });
const few = <T>(of: Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const advance = fc.record(
  { sourceId: id, expected: revision, cursor: sourceState.map(({ cursor }) => cursor), at: when },
  { noNullPrototype: true },
);
const failure = fc.record(
  { sourceId: oddId, error: textArbitrary(), backoffUntil: fc.option(when), at: when },
  { noNullPrototype: true },
);
const reference = fc.oneof(
  fc.constantFrom({ purl: "pkg:npm/left-pad" }, { ecosystem: "npm", package: "left-pad" }),
  fc.record({ purl: textArbitrary() }, { noNullPrototype: true }),
  fc.record({ ecosystem: textArbitrary(), package: textArbitrary() }, { noNullPrototype: true }),
);

/** The first has the most to do. */
export const anyTenant = fc.oneof({ weight: 3, arbitrary: fc.constant("acme") }, fc.constantFrom(...tenants));

/** Arguments of every verb. A verb that is missing here fails the test that counts them. */
export const reads: Readonly<Record<string, Arbitrary<readonly unknown[]>>> = {
  "sources.get": fc.tuple(oddId),
  "sources.list": fc.tuple(page),
  "sources.findByKey": fc.tuple(oddKey),
  "sources.listEnabled": fc.tuple(page),
  "sourceStates.get": fc.tuple(oddId),
  "sourceStates.list": fc.tuple(page),
  "sourceStates.findBySource": fc.tuple(oddId),
  "feedSnapshots.get": fc.tuple(oddId),
  "feedSnapshots.list": fc.tuple(page),
  "feedSnapshots.diff": fc.tuple(id, oddId, page),
  "advisories.get": fc.tuple(oddId),
  "advisories.list": fc.tuple(page),
  "advisories.count": fc.constant([]),
  "advisories.findByKey": fc.tuple(oddKey),
  "advisories.findByAlias": fc.tuple(fc.constantFrom("CVE", "GHSA", "cve"), oddKey, page),
  "advisories.findByPackage": fc.tuple(reference, page),
  "advisories.search": fc.tuple(fc.oneof(fc.constantFrom("title", "A title"), key, textArbitrary()), page),
  "advisories.listModifiedSince": fc.tuple(when, page),
  "kevFlags.get": fc.tuple(oddId),
  "kevFlags.list": fc.tuple(page),
  "kevFlags.isKnownExploited": fc.tuple(few(oddKey)),
  "mergeEvents.get": fc.tuple(oddId),
  "mergeEvents.list": fc.tuple(page),
  "mergeEvents.listByAdvisory": fc.tuple(oddKey, page),
};

export const writes: Readonly<Record<string, Arbitrary<readonly unknown[]>>> = {
  "sources.put": fc.tuple(source, revision),
  "sources.delete": fc.tuple(oddId, revision),
  "sourceStates.put": fc.tuple(sourceState, revision),
  "sourceStates.delete": fc.tuple(oddId, revision),
  "sourceStates.advanceCursor": fc.tuple(advance),
  "sourceStates.recordFailure": fc.tuple(failure),
  "feedSnapshots.open": fc.tuple(opening),
  "feedSnapshots.addAdvisories": fc.tuple(oddId, few(entry), when),
  "feedSnapshots.seal": fc.tuple(id, when),
  "advisories.put": fc.tuple(advisory, revision),
  "advisories.delete": fc.tuple(oddId, revision),
  "advisories.ingestBatch": fc.tuple(few(advisory)),
  "advisories.withdraw": fc.tuple(oddKey, when),
  "kevFlags.replaceAll": fc.tuple(few(kevFlag)),
  "mergeEvents.append": fc.tuple(few(mergeEvent)),
};

const ofVerbs = (verbs: typeof reads, tenant: Arbitrary<string>) =>
  fc.oneof(
    ...Object.entries(verbs).map(([verb, args]) =>
      fc.record<Command>({ tenant, verb: fc.constant(verb), args }, { noNullPrototype: true }),
    ),
  );
const unit = anyTenant.chain((tenant) =>
  fc
    .array(fc.oneof(ofVerbs(writes, fc.constant(tenant)), ofVerbs(reads, fc.constant(tenant))), {
      minLength: 1,
      maxLength: 4,
    })
    .map((args): Command => ({ tenant, verb: "transaction", args })),
);

/** Writes are twice as frequent as reads, so that there is something to read. */
export const command: Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: ofVerbs(writes, anyTenant) },
  { weight: 3, arbitrary: ofVerbs(reads, anyTenant) },
  { weight: 1, arbitrary: unit },
);

type Verb = (...args: readonly unknown[]) => Promise<unknown>;

export async function perform(scope: Scope, { verb, args }: Command): Promise<unknown> {
  if (verb !== "transaction") return call(scope, verb, args);
  return scope.transaction(async (repositories) => {
    const answers: unknown[] = [];
    for (const inner of args as readonly Command[]) answers.push(await call(repositories, inner.verb, inner.args));
    return answers;
  });
}

function call(repositories: Repositories, verb: string, args: readonly unknown[]): Promise<unknown> {
  const [name = "", method = ""] = verb.split(".");
  const repository = repositories[name as keyof Repositories] as unknown as Readonly<Record<string, Verb>>;
  return repository[method]!(...args);
}
