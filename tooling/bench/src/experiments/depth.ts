import type { Page } from "@stellaops/kernel";
import type { Advisory, Vuln } from "@stellaops/vuln";
import { indexesOf } from "@stellaops/mongo";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { interleaved } from "../measure.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";

const rows = 200_000;
const depth = 199_000;
const limit = 50;

/** P11: a page far down a list costs what the first one costs, on both databases. */
export const depthExperiment: Experiment = async ({ rig, rounds, log }) => {
  log(`  making ${rows} rows on both`);
  await fillPostgres(rig);
  await fillMongo(rig);
  const measured: Row[] = [];
  for (const [name, vuln] of [
    ["PostgreSQL", rig.onPostgres],
    ["MongoDB", rig.onMongo],
  ] as const) {
    const { advisories } = vuln.tenant(tenant);
    log(`  ${name}: going down ${depth} rows`);
    const after = await cursorAt(vuln);
    const { perSecond, ratio } = await interleaved(
      { first: () => advisories.list({ limit }), deep: () => advisories.list({ limit, after }) },
      { rounds },
    );
    measured.push({
      experiment: "P11",
      name: `${name}: time of a page of ${limit} at depth ${depth} ÷ the first page's`,
      ratio: ratio("first", "deep"),
      reach: { most: 1.2 },
      parts: perSecond,
      unit: "pages/s, 8 callers",
    });
  }
  return measured;
};

/** As a client comes there: page by page. */
async function cursorAt(vuln: Vuln): Promise<string | null> {
  const { advisories } = vuln.tenant(tenant);
  let after: string | null = null;
  for (let seen = 0; seen < depth; seen += 1_000) {
    const page: Page<Advisory> = await advisories.list({ limit: 1_000, after });
    after = page.next;
  }
  return after;
}

/** A tenth of the rows shared. */
const fillPostgres = async ({ sql }: Rig): Promise<void> => {
  await sql(
    `insert into vuln.advisories (tenant_id, id, revision, advisory_key, primary_id, source_id, title, severity, modified_at, content_hash, provenance, raw, search_words, created_at, updated_at)
 select case when n % 10 = 0 then '@global' else $1 end, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, 'KEY-' || n, 'CVE-' || n,
   '01900000-0000-7000-8000-000000000000', 'Advisory ' || n, 'high', now(), md5(n::text), '{}', '{}', '{}', now(), now() from generate_series(1, ${rows}) n`,
    [tenant],
  );
  await sql("vacuum analyze vuln.advisories");
};

async function fillMongo({ mongo }: Rig): Promise<void> {
  const { table } = definition;
  const documents = mongo.db.collection(table);
  // Made by the server from a sequence, its secondary indexes afterwards: the list needs none but the key's.
  for (const { name } of indexesOf(definition)) if (!name.startsWith("pk_")) await documents.dropIndex(name);
  const padded = { $substrBytes: [{ $toString: { $add: [1_000_000_000_000n, "$n"] } }, 1, 12] };
  const none: readonly unknown[] = [];
  await mongo.db
    .aggregate([
      { $documents: [{ all: { $range: [1, rows + 1] } }] },
      { $unwind: "$all" },
      { $set: { n: "$all" } },
      {
        $project: {
          _id: { $concat: ["made/", { $toString: "$n" }] },
          tenantId: { $cond: [{ $eq: [{ $mod: ["$n", 10] }, 0] }, { $literal: "@global" }, { $literal: tenant }] },
          id: { $concat: ["00000000-0000-7000-8000-", padded] },
          advisoryKey: { $concat: ["KEY-", { $toString: "$n" }] },
          primaryId: { $concat: ["CVE-", { $toString: "$n" }] },
          sourceId: { $literal: "01900000-0000-7000-8000-000000000000" },
          title: { $concat: ["Advisory ", { $toString: "$n" }] },
          summary: { $literal: null },
          details: { $literal: null },
          severity: { $literal: "high" },
          publishedAt: { $literal: null },
          modifiedAt: "$$NOW",
          withdrawnAt: { $literal: null },
          contentHash: { $toString: "$n" },
          provenance: { $literal: {} },
          raw: { $literal: {} },
          ...Object.fromEntries(
            ["aliases", "cvss", "affected", "references", "credits", "weaknesses", "searchWords"].map((name) => [
              name,
              { $literal: none },
            ]),
          ),
          createdAt: "$$NOW",
          updatedAt: "$$NOW",
          revision: { $literal: 1n },
        },
      },
      { $merge: { into: table, on: "_id", whenMatched: "fail" } },
    ])
    .toArray();
}
