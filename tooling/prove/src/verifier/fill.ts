import { setTimeout as wait } from "node:timers/promises";
import { GLOBAL, tenantId, type TenantId } from "@stellaops/kernel";
import { bulkLoad as loadMongo } from "@stellaops/mongo";
import { bulkLoad as loadPostgres } from "@stellaops/postgres";
import { registerDocuments, registerRows } from "@stellaops/testkit/register";
import { vuln, type Advisory } from "@stellaops/vuln";
import { initialise } from "@stellaops/cutover";
import type { Rig } from "../rig.ts";

export const definition = vuln.aggregates[3];
const tenants: readonly TenantId[] = [tenantId("acme"), tenantId("acme-2"), GLOBAL];
const at = new Date("2026-01-02T03:04:05.678Z");

export interface Key {
  readonly tenant: TenantId;
  readonly id: string;
}

const idOf = (n: number): string => `${n.toString(16).padStart(8, "0")}-0000-7000-8000-000000000001`;
const tenantOf = (n: number): TenantId => tenants[n % 7 === 0 ? 2 : n % 3 === 0 ? 1 : 0] ?? GLOBAL;
export const keyOf = (n: number): Key => ({ tenant: tenantOf(n), id: idOf(n) });

/** One that has something in every place, and not the same as another. */
export const advisoryOf = (n: number): Advisory => ({
  id: idOf(n),
  advisoryKey: `STELLA-${n}`,
  primaryId: `CVE-2026-${n}`,
  sourceId: "01900000-0000-7000-8000-000000000001",
  title: `Heap overflow ${n} in libexample`,
  summary: n % 2 === 0 ? null : `Of number ${n}`,
  details: `What is known about number ${n}: "quoted", back\\slashed, \u{1f600}, and é.`,
  severity: n % 5 === 0 ? "low" : "high",
  publishedAt: new Date(at.getTime() + n),
  modifiedAt: at,
  withdrawnAt: null,
  contentHash: String(n).padStart(64, "0"),
  provenance: { format: "osv" },
  raw: { id: `STELLA-${n}`, numbers: [n, n / 4, 1e21], nested: { "a.b": null, é: [] } },
  aliases: [
    { scheme: "CVE", value: `CVE-2026-${n}` },
    { scheme: "GHSA", value: `GHSA-${n}` },
  ],
  cvss: [{ version: "3.1", vector: "CVSS:3.1/AV:N", baseScore: "7.5", source: null }],
  affected: [
    { ecosystem: "npm", package: `example-${n}`, purl: null, ranges: [{ to: 1 }], versions: ["1", "2"], fixed: ["3"] },
    { ecosystem: "PyPI", package: "example", purl: null, ranges: [], versions: ["b", "a"], fixed: [] },
  ],
  references: [
    { kind: "WEB", url: `https://example.com/${n}` },
    { kind: "FIX", url: "https://example.com/fix" },
  ],
  credits: [{ name: "someone", kind: null, contact: [] }],
  weaknesses: [{ cwe: "CWE-122" }],
  createdAt: at,
  updatedAt: at,
});

function* advisoriesOf(count: number, tenant: TenantId): Generator<Advisory> {
  for (let n = 1; n <= count; n += 1) if (tenantOf(n) === tenant) yield advisoryOf(n);
}

const generation = 1n;

/** The same advisories on both, registered as a backfill leaves them. */
export async function fill(rig: Rig, count: number): Promise<void> {
  for (const tenant of tenants)
    await Promise.all([
      loadPostgres(rig.postgres.pool, definition, tenant, advisoriesOf(count, tenant)),
      loadMongo(rig.mongo, definition, tenant, advisoriesOf(count, tenant)),
    ]);
  await registerRows(rig.sql, vuln.name, definition.table, generation);
  await registerDocuments(rig.mongo.db, definition.table, generation);
  await rig.sql("analyze");
}

/** At the stage that replicates, its backfill done. What was stored before is none of what a service captures from there on. */
export async function begin(rig: Rig): Promise<void> {
  // A capture begins with the whole second in which replication began.
  await wait(1_100);
  await initialise({ sides: rig.sides, module: vuln.name, stage: "mongo", by: "prove", reason: "begin" });
  const view = await rig.step("dual-write");
  await rig.sql(
    "insert into cutover.replication (module, generation, backfilled_at, swept_at) values ('vuln', $1, now(), now())",
    [view.generation],
  );
}
