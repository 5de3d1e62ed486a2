import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";
import { advisory, day, fresh, kevFlag, mergeEvent, newId, noon, opening, source, sourceState } from "./samples.ts";

type Scope = ScopeOf<VulnRepositories>;
const { call, plain } = callsOf<VulnRepositories>();
const times = <T>(n: number, make: () => T): readonly T[] => Array.from({ length: n }, make);

const storedSource = async ({ sources }: Scope) => {
  const made = source();
  await sources.put(made, 0n);
  return made;
};
const storedState = async ({ sourceStates }: Scope) => {
  const made = sourceState();
  await sourceStates.put(made, 0n);
  return made;
};
const entries = (n: number, contentHash = "1") => times(n, () => ({ advisoryKey: fresh("key"), contentHash }));
const storedSnapshot = async ({ feedSnapshots }: Scope, n: number) => {
  const made = opening();
  await feedSnapshots.open(made);
  await feedSnapshots.addAdvisories(made.id, entries(n), noon);
  return made.id;
};
const storedAdvisories = async ({ advisories }: Scope, n: number) => {
  const made = times(n, () => advisory());
  await advisories.ingestBatch(made);
  return made;
};
const cve = (n: number) => times(n, () => kevFlag());

/** Every verb once. */
export const calls: Calls<VulnRepositories> = {
  "sources.get": plain(({ sources }) => sources.get(newId())),
  "sources.list": call(storedSource, ({ sources }, limit) => sources.list({ limit })),
  "sources.findByKey": plain(({ sources }) => sources.findByKey("x")),
  "sources.listEnabled": call(storedSource, ({ sources }, limit) => sources.listEnabled({ limit })),
  "sources.put": call(storedSource, ({ sources }, _, made) => sources.put({ ...made, name: "other" }, 1n)),
  "sources.delete": call(storedSource, ({ sources }, _, { id }) => sources.delete(id, 1n)),
  "sourceStates.get": plain(({ sourceStates }) => sourceStates.get(newId())),
  "sourceStates.list": call(storedState, ({ sourceStates }, limit) => sourceStates.list({ limit })),
  "sourceStates.findBySource": plain(({ sourceStates }) => sourceStates.findBySource(newId())),
  "sourceStates.put": plain(({ sourceStates }) => sourceStates.put(sourceState(), 0n)),
  "sourceStates.delete": call(storedState, ({ sourceStates }, _, { id }) => sourceStates.delete(id, 1n)),
  "sourceStates.advanceCursor": call(storedState, ({ sourceStates }, _, { sourceId }) =>
    sourceStates.advanceCursor({ sourceId, expected: 1n, cursor: 1, at: noon }),
  ),
  "sourceStates.recordFailure": call(storedState, ({ sourceStates }, _, { sourceId }) =>
    sourceStates.recordFailure({ sourceId, error: "x", backoffUntil: null, at: noon }),
  ),
  "feedSnapshots.get": call(storedSnapshot, ({ feedSnapshots }, _, id) => feedSnapshots.get(id)),
  "feedSnapshots.list": call(storedSnapshot, ({ feedSnapshots }, limit) => feedSnapshots.list({ limit })),
  "feedSnapshots.open": plain(({ feedSnapshots }) => feedSnapshots.open(opening())),
  "feedSnapshots.addAdvisories": call(storedSnapshot, ({ feedSnapshots }, n, id) =>
    feedSnapshots.addAdvisories(id, entries(n), noon),
  ),
  "feedSnapshots.seal": call(storedSnapshot, ({ feedSnapshots }, _, id) => feedSnapshots.seal(id, noon)),
  "feedSnapshots.diff": call(storedSnapshot, ({ feedSnapshots }, _, id) => feedSnapshots.diff(id, newId())),
  "advisories.get": call(storedAdvisories, ({ advisories }, _, [one]) => advisories.get(one!.id)),
  "advisories.list": call(storedAdvisories, ({ advisories }, limit) => advisories.list({ limit })),
  "advisories.put": plain(({ advisories }) => advisories.put(advisory(), 0n)),
  "advisories.delete": call(storedAdvisories, ({ advisories }, _, [one]) => advisories.delete(one!.id, 1n)),
  "advisories.ingestBatch": call(storedAdvisories, ({ advisories }, n, known) =>
    advisories.ingestBatch([...known.map((one) => ({ ...one, contentHash: "x" })), ...times(n, () => advisory())]),
  ),
  "advisories.findByKey": call(storedAdvisories, ({ advisories }, _, [one]) => advisories.findByKey(one!.advisoryKey)),
  "advisories.findByAlias": call(storedAdvisories, ({ advisories }, limit) =>
    advisories.findByAlias("CVE", "CVE-2026-0001", { limit }),
  ),
  "advisories.findByPackage": call(storedAdvisories, ({ advisories }, limit) =>
    advisories.findByPackage({ purl: "pkg:npm/left-pad" }, { limit }),
  ),
  "advisories.search": call(storedAdvisories, ({ advisories }, limit) => advisories.search("bounds", { limit })),
  "advisories.listModifiedSince": call(storedAdvisories, ({ advisories }, limit) =>
    advisories.listModifiedSince(day(-20), { limit }),
  ),
  "advisories.withdraw": call(storedAdvisories, ({ advisories }, _, [one]) =>
    advisories.withdraw(one!.advisoryKey, noon),
  ),
  "advisories.count": plain(({ advisories }) => advisories.count()),
  "kevFlags.get": plain(({ kevFlags }) => kevFlags.get(newId())),
  "kevFlags.list": plain(({ kevFlags }, limit) => kevFlags.list({ limit })),
  "kevFlags.replaceAll": call(
    async ({ kevFlags }, n) => {
      const known = cve(2 * n);
      await kevFlags.replaceAll(known);
      return known;
    },
    // Removes n, changes n, adds n.
    ({ kevFlags }, n, known) =>
      kevFlags.replaceAll([...known.slice(n).map((flag) => ({ ...flag, notes: "x" })), ...cve(n)]),
  ),
  "kevFlags.isKnownExploited": plain(({ kevFlags }, n) => kevFlags.isKnownExploited(times(n, () => fresh("CVE")))),
  "mergeEvents.get": plain(({ mergeEvents }) => mergeEvents.get(newId())),
  "mergeEvents.list": plain(({ mergeEvents }, limit) => mergeEvents.list({ limit })),
  "mergeEvents.append": plain(({ mergeEvents }, n) => mergeEvents.append(times(n, () => mergeEvent()))),
  "mergeEvents.listByAdvisory": plain(({ mergeEvents }, limit) => mergeEvents.listByAdvisory("x", { limit })),
};
