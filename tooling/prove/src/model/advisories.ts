import { ingested, limitOf, normalisePart, type PageRequest, type TenantId } from "@stellaops/kernel";
import type { PackageRef } from "@stellaops/vuln";
import { definitions } from "./aggregates.ts";
import { cleanBatch, plan, write } from "./batch.ts";
import { common, pageOf } from "./common.ts";
import type { Row, Table, Value } from "./table.ts";

interface Part {
  readonly scheme: string;
  readonly value: string;
  readonly ecosystem: string;
  readonly package: string;
  readonly purl: string | null;
}
const { advisories } = definitions;
const parts = (row: Value, name: string): readonly Part[] => row[name] as readonly Part[];
const time = (row: Value, name: string): number => (row[name] as Date).getTime();
const byAdvisoryKey = (row: Row) => [String(row["advisoryKey"])];

/** The words of a text, as the definition derives them for an advisory. */
const { searchWords } = advisories.derived as unknown as Readonly<
  Record<string, { from(advisory: object): readonly string[] }>
>;
const wordsOf = (value: object): readonly string[] => searchWords?.from(value) ?? [];
const wordsIn = (text: string) => wordsOf({ advisoryKey: text, title: "", summary: null, details: null, aliases: [] });

export const advisoriesOf = (table: Table, tenant: TenantId) => {
  const list = (matches: (row: Row) => boolean, request: PageRequest | undefined) =>
    pageOf(table.visible(tenant, matches, byAdvisoryKey), request);
  return {
    ...common(table, tenant),
    ingestBatch(batch: readonly unknown[]) {
      const clean = cleanBatch(table, batch, 1_000, "advisoryKey");
      const found = plan(table.own(tenant), clean, (value) => ({
        key: String(value["advisoryKey"]),
        mark: String(value["contentHash"]),
      }));
      write(table, tenant, found);
      return ingested(found);
    },
    findByKey(key: string) {
      const { advisoryKey } = normalisePart(advisories, { advisoryKey: key });
      return table.first(tenant, (row) => row["advisoryKey"] === advisoryKey);
    },
    findByAlias(scheme: string, value: string, request?: PageRequest) {
      normalisePart(advisories, { aliases: [{ scheme, value }] });
      const matches = (part: Part): boolean => part.scheme === scheme && part.value === value;
      return list((row) => parts(row, "aliases").some(matches), request);
    },
    findByPackage(reference: PackageRef, request?: PageRequest) {
      const unnamed = { ecosystem: "", package: "", purl: null, ranges: [], versions: [], fixed: [] };
      normalisePart(advisories, { affected: [{ ...unnamed, ...reference }] });
      const matches = (part: Part): boolean =>
        "purl" in reference
          ? part.purl === reference.purl
          : part.ecosystem === reference.ecosystem && part.package === reference.package;
      return list((row) => parts(row, "affected").some(matches), request);
    },
    search(text: string, request?: PageRequest) {
      limitOf(request ?? {});
      const words = wordsIn(text);
      const matches = (row: Row): boolean => words.length > 0 && words.every((word) => wordsOf(row).includes(word));
      const oldestFirst = table.visible(tenant, matches, (row) => [time(row, "modifiedAt")]);
      return pageOf(oldestFirst.toReversed(), request);
    },
    listModifiedSince(since: Date, request?: PageRequest) {
      normalisePart(advisories, { modifiedAt: since });
      const recent = (row: Row): boolean => time(row, "modifiedAt") >= since.getTime();
      return pageOf(
        table.visible(tenant, recent, (row) => [time(row, "modifiedAt")]),
        request,
      );
    },
    withdraw(key: string, at: Date) {
      const { advisoryKey } = normalisePart(advisories, { advisoryKey: key, withdrawnAt: at });
      const [row] = table.own(tenant, (one) => one["advisoryKey"] === advisoryKey && one["withdrawnAt"] === null);
      if (row === undefined) return false;
      table.change(row, { withdrawnAt: at, updatedAt: at });
      return true;
    },
    count: () => BigInt(table.visible(tenant, () => true).length),
  };
};
