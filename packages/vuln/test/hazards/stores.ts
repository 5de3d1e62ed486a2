import {
  duplicateKey,
  foreignDocument,
  indexGone,
  longText,
  refusal,
  samePages,
  textsInDisorder,
  textsInOrder,
  writeConcern,
} from "@stellaops/testkit/module";
import { openVuln } from "@stellaops/vuln";
import { expect } from "vitest";
import { advisory, fresh, kevFlag, noon, source } from "../samples.ts";
import type { On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = (on: On) => {
  const { both, roundTrip } = on;
  return {
    arrays: async () => {
      const one = advisory({
        advisoryKey: "one",
        aliases: [
          { scheme: "CVE", value: "a" },
          { scheme: "GO", value: "b" },
        ],
      });
      await both(({ advisories }) => advisories.put(one, 0n));
      expect(await both(({ advisories }) => advisories.findByAlias("CVE", "b"))).toEqual({
        value: { items: [], next: null },
      });
      expect(await both(({ advisories }) => advisories.findByKey(["one"] as never))).toMatchObject({ family: "data" });
    },
    "mixed types in one field": async () => {
      expect(await roundTrip({ title: 1 })).toMatchObject(refusal("VALUE_INVALID", "title"));
      expect(await both(({ sources }) => sources.put(source({ priority: 1.5 }), 0n))).toMatchObject({ family: "data" });
      expect(await both(({ sources }) => sources.put(source({ priority: 2 ** 31 }), 0n))).toMatchObject({
        family: "data",
      });
      const document = source({ key: "odd" });
      await foreignDocument(on, { table: "sources", document, get: ({ sources }) => sources.findByKey("odd") });
    },
    "text order": async () => {
      const made = textsInDisorder.map((key) => source({ key }));
      await both(async ({ sources }) => {
        for (const one of made) await sources.put(one, 0n);
      });
      expect(await both(({ sources }) => sources.listEnabled())).toMatchObject({
        value: { items: textsInOrder.map((key) => ({ key })) },
      });
    },
    "ties in a sort": async () => {
      const tied = Array.from({ length: 9 }, () => advisory({ modifiedAt: noon }));
      await both(({ advisories }) => advisories.ingestBatch(tied));
      await samePages(on, {
        count: 9,
        page: ({ advisories }, request) => advisories.listModifiedSince(noon, request),
      });
    },
    "null in an IN list": async () => {
      expect(await both(({ kevFlags }) => kevFlags.isKnownExploited([null as never]))).toMatchObject({
        family: "data",
      });
    },
    "duplicate key": () =>
      duplicateKey(on, {
        make: source,
        put: ({ sources }, one) => sources.put(one, 0n),
        field: "key",
        constraint: "uq_sources_key",
      }),
    "unique only after index exists": () =>
      indexGone(on, { table: "sources", index: "uq_sources_key", open: openVuln }),
    "long key in an index": async () => {
      const affected = [
        {
          ecosystem: longText(100),
          package: longText(400),
          purl: longText(500),
          ranges: [],
          versions: [longText(400)],
          fixed: [],
        },
      ];
      const aliases = [{ scheme: longText(40), value: longText(200) }];
      expect(await roundTrip({ advisoryKey: longText(200), affected, aliases })).toMatchObject({ value: { affected } });
      expect(await both(({ advisories }) => advisories.findByPackage({ purl: longText(500) }))).toMatchObject({
        value: { items: [{ affected }] },
      });
    },
    "write concern": () => writeConcern(on),
    "uniqueness inside an embedded array": async () => {
      const alias = { scheme: "CVE", value: "1" };
      expect(await roundTrip({ aliases: [alias, { ...alias }] })).toMatchObject({ value: { aliases: [alias] } });
      const flags = [kevFlag({ cve: "A" }), kevFlag({ cve: "A" })];
      expect(await both(({ kevFlags }) => kevFlags.replaceAll(flags))).toMatchObject({ error: "BATCH_DUPLICATE" });
    },
    "text search input above 1 MB": async () => {
      const words = Array.from({ length: 60_000 }, (_, i) => `w${i.toString(36)}${"\u{1d7d8}".repeat(3)}`).join(" ");
      const one = advisory({ title: "begin", details: words.slice(0, 999_000).toWellFormed() });
      expect(await both(({ advisories }) => advisories.put(one, 0n))).toEqual({ value: 1n });
      expect(await both(({ advisories }) => advisories.search("begin w1000"))).toMatchObject({
        value: { items: [one] },
      });
      // Beyond the words that are kept: found by neither.
      expect(await both(({ advisories }) => advisories.search("wv9c000"))).toMatchObject({ value: { items: [] } });
      const wide = advisory({ title: "x", details: "\ufdfa".repeat(90_000) });
      expect(await both(({ advisories }) => advisories.put(wide, 0n))).toEqual({ value: 1n });
    },
    "unordered bulk refused half-way": async () => {
      const stored = advisory();
      await both(({ advisories }) => advisories.put(stored, 0n));
      const batch = [
        ...Array.from({ length: 50 }, () => advisory()),
        advisory({ id: stored.id, advisoryKey: fresh("z") }),
      ];
      expect(await both(({ advisories }) => advisories.ingestBatch(batch))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
      expect(await both(({ advisories }) => advisories.count())).toEqual({ value: 1n });
    },
  };
};
