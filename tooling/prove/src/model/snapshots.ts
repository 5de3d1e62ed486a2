import {
  byBytes,
  conflict,
  normalisePart,
  notFound,
  refuseDuplicates,
  sha256,
  type PageRequest,
  type TenantId,
} from "@stellaops/kernel";
import type { Opening, SnapshotChange, SnapshotEntry } from "@stellaops/vuln";
import { definitions } from "./aggregates.ts";
import { pageOf, reading } from "./common.ts";
import type { Row, Table } from "./table.ts";

const entriesOf = (row: Row | null): ReadonlyMap<string, string> =>
  new Map(
    ((row?.["advisories"] ?? []) as readonly SnapshotEntry[]).map((entry) => [entry.advisoryKey, entry.contentHash]),
  );

export const feedSnapshotsOf = (table: Table, tenant: TenantId) => ({
  ...reading(table, tenant),
  open({ id, sourceId, snapshotKey, takenAt }: Opening) {
    const empty = { sealedAt: null, advisoryCount: 0n, checksum: null, advisories: [] };
    const dated = { takenAt, createdAt: takenAt, updatedAt: takenAt };
    return table.put(tenant, { id, sourceId, snapshotKey, ...empty, ...dated }, 0n);
  },
  addAdvisories(id: string, entries: readonly SnapshotEntry[], at: Date) {
    refuseDuplicates(entries.map(({ advisoryKey }) => advisoryKey));
    const clean = normalisePart(definitions.feedSnapshots, { id, advisories: entries, updatedAt: at });
    const [row] = table.own(tenant, (one) => one.id === id && one["sealedAt"] === null);
    if (row === undefined) {
      if (table.get(tenant, id)?.["sealedAt"] instanceof Date) throw conflict("SNAPSHOT_SEALED", "sealed");
      throw notFound("NOT_FOUND", "no snapshot");
    }
    const all = new Map([
      ...entriesOf(row),
      ...clean.advisories.map((e): [string, string] => [e.advisoryKey, e.contentHash]),
    ]);
    const advisories = [...all]
      .map(([advisoryKey, contentHash]) => ({ advisoryKey, contentHash }))
      .toSorted((a, b) => byBytes(a.advisoryKey, b.advisoryKey));
    return table.change(row, { advisories, advisoryCount: BigInt(all.size), updatedAt: at }).revision;
  },
  seal(id: string, at: Date) {
    normalisePart(definitions.feedSnapshots, { sealedAt: at });
    const found = table.get(tenant, id);
    if (found === null || found.tenantId !== tenant) throw notFound("NOT_FOUND", "no snapshot");
    if (found["sealedAt"] !== null) return found;
    const checksum = sha256([...entriesOf(found)].map(([key, hash]) => `${key} ${hash}\n`).join(""));
    return table.change(found, { sealedAt: at, updatedAt: at, checksum });
  },
  diff(a: string, b: string, request?: PageRequest) {
    const [before, after] = [entriesOf(table.get(tenant, a)), entriesOf(table.get(tenant, b))];
    const changes = [...new Set([...before.keys(), ...after.keys()])]
      .toSorted(byBytes)
      .map((key): SnapshotChange => ({
        advisoryKey: key,
        before: before.get(key) ?? null,
        after: after.get(key) ?? null,
      }))
      .filter((change) => change.before !== change.after);
    return pageOf(changes, request);
  },
});
