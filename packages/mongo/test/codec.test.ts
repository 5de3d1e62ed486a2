import { codeOf, GLOBAL } from "@stellaops/kernel";
import { Long } from "mongodb";
import { expect, test } from "vitest";
import { advisories, type Advisory } from "../../vuln/src/aggregates.ts";
import { generateOsv } from "../../vuln/src/domain/generate.ts";
import { mapOsv } from "../../vuln/src/domain/osv.ts";
import { documentCodec, type StoredDocument } from "../src/index.ts";

const at = new Date("2026-01-01T00:00:00.000Z");
const codec = documentCodec(advisories);
const [record] = generateOsv({ count: 1, seed: 1 });
const advisory: Advisory = {
  ...mapOsv(record),
  id: "01890000-0000-7000-8000-000000000001",
  sourceId: "01890000-0000-7000-8000-000000000002",
  aliases: [{ scheme: "CVE", value: "CVE-2026-1" }],
  cvss: [{ version: "3.1", vector: "none", baseScore: "7.5", source: null }],
  createdAt: at,
  updatedAt: at,
};
const document = codec.encode(advisory, GLOBAL, 3n);

test("what was encoded is decoded as it was", () => {
  expect(codec.decode(document)).toEqual({ ...advisory, revision: 3n, tenantId: GLOBAL });
});

/** Documents of another program: the field that does not fit is named, so that its owner can be told. */
test.each<[string, object]>([
  ["modifiedAt", { modifiedAt: "2026-01-01" }],
  ["title", { title: 7 }],
  ["title", { title: null }],
  ["revision", { revision: "3" }],
  ["raw", { raw: undefined }],
  ["aliases", { aliases: "CVE-2026-1" }],
  ["aliases.0", { aliases: ["CVE-2026-1"] }],
  ["aliases.0.value", { aliases: [{ scheme: "CVE", value: Long.ONE }] }],
  ["cvss.0.baseScore", { cvss: [{ version: "3.1", vector: "none", baseScore: 7.5, source: null }] }],
  ["nickname", { nickname: "unknown" }],
])("a document that does not fit at %s is unreadable there", (path, change) => {
  const foreign = { ...document, ...change } as StoredDocument;
  let thrown: unknown;
  try {
    codec.decode(foreign);
  } catch (error) {
    thrown = error;
  }
  expect(codeOf(thrown)).toBe("DOCUMENT_UNREADABLE");
  expect(thrown).toMatchObject({ family: "data", details: { table: "advisories", id: advisory.id, path } });
});
