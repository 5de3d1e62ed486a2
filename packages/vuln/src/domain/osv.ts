import { canonicalJson, cleanJson, dataError, sha256, type Json } from "@stellaops/kernel";
import type { Advisory } from "../aggregates.ts";
import { affectedOf } from "./osv-affected.ts";
import { osvRecord } from "./osv-record.ts";
import { cvssOf, severityOf } from "./osv-severity.ts";

/** An advisory as a feed tells it: without the identity, the source and the times that the importer gives it. */
export type AdvisoryDraft = Omit<Advisory, "id" | "createdAt" | "updatedAt" | "sourceId">;

/**
 * Maps one record of the OSV schema (https://ossf.github.io/osv-schema/). Pure: equal records give equal drafts.
 * Nothing is cut or repaired; what an advisory cannot hold is refused by `normalise` of the whole.
 * @throws family data, with `details.path` into the record: `FEED_RECORD_INVALID` where it breaks the schema,
 * `VALUE_…` where it holds a value that the two databases would store differently
 */
export function mapOsv(record: unknown): AdvisoryDraft {
  const raw = storable(record);
  const result = osvRecord.safeParse(raw);
  if (!result.success) throw invalid(result.error.issues[0]);
  const osv = result.data;
  const cvss = cvssOf(osv);
  return {
    advisoryKey: osv.id,
    primaryId: primaryId(osv.id, osv.aliases),
    title: osv.summary || osv.id,
    summary: osv.summary,
    details: osv.details,
    severity: severityOf(cvss, osv.database_specific.severity),
    publishedAt: osv.published,
    modifiedAt: osv.modified,
    withdrawnAt: osv.withdrawn,
    contentHash: sha256(canonicalJson(raw)),
    provenance: { format: "osv", schemaVersion: osv.schema_version },
    raw,
    // Its own id is one of its names, so that one lookup finds it by any of them.
    aliases: [osv.id, ...osv.aliases].map((value) => ({ scheme: schemeOf(value), value })),
    cvss,
    affected: osv.affected.flatMap(affectedOf),
    references: osv.references.map(({ type, url }) => ({ kind: type, url })),
    credits: osv.credits.map(({ name, type, contact }) => ({ name, kind: type, contact })),
    weaknesses: osv.database_specific.cwe_ids.map((cwe) => ({ cwe })),
  };
}

/** `CVE`, `GHSA`, `GO`, `PYSEC`: what stands before the first hyphen, in upper case; `OTHER` where there is none. */
const schemeOf = (id: string): string => /^([^-]+)-/.exec(id)?.[1]?.toUpperCase() ?? "OTHER";

/** The one CVE it stands for; its own id where it has none or several. */
function primaryId(id: string, aliases: readonly string[]): string {
  const cves = new Set([id, ...aliases].filter((name) => schemeOf(name) === "CVE"));
  const [first] = cves;
  return first !== undefined && cves.size === 1 ? first : id;
}

function storable(record: unknown): Json {
  const result = cleanJson(record);
  if ("value" in result) return result.value;
  const path = result.fault.path.join(".");
  throw dataError(
    result.fault.code,
    `OSV record: ${path || "the record"} holds a value that PostgreSQL and MongoDB would not store alike (${result.fault.code}); correct it where the feed is made`,
    { details: { path } },
  );
}

function invalid(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined) {
  const path = issue?.path.map(String).join(".") ?? "";
  return dataError(
    "FEED_RECORD_INVALID",
    `OSV record: ${path || "the record"} does not follow the OSV schema: ${issue?.message ?? "unreadable"}`,
    { details: { path } },
  );
}
