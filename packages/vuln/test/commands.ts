import { arbitraryOf, textArbitrary } from "@stellaops/testkit";
import type { Arguments, Commands } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import { advisories, kevFlags, mergeEvents, sources, sourceStates } from "../src/aggregates.ts";
import { initial } from "./initial.ts";
import { ids, keys } from "./pools.ts";
import { day, noon } from "./samples.ts";

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

const reads: Arguments = {
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

const writes: Arguments = {
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

/** Every verb with arguments that meet. */
export const commands: Commands = { reads, writes, initial };
