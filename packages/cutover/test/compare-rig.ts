import { manualClock, seededIds, tenantId, type Register, type TenantId } from "@stellaops/kernel";
import { openMongo, type Mongo, transaction as mongoTransaction } from "@stellaops/mongo";
import { openPostgres, transaction as postgresTransaction } from "@stellaops/postgres";
import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import type { Db } from "mongodb";
import pg from "pg";
import type { Advisory } from "../../vuln/src/aggregates.ts";
import { generateOsv } from "../../vuln/src/domain/generate.ts";
import { mapOsv } from "../../vuln/src/domain/osv.ts";
import { vuln } from "../../vuln/src/module.ts";
import { repositories as onMongo } from "../../vuln/src/mongo/index.ts";
import { repositories as onPostgres } from "../../vuln/src/postgres/index.ts";
import { compareModule, type CompareOptions, type Comparison } from "../src/compare/index.ts";
import { installMongo, installPostgres } from "../src/install.ts";

export const acme = tenantId("acme");
const other = tenantId("acme-2");
export const at = new Date("2026-01-02T03:04:05.678Z");
const ids = seededIds(manualClock(at), 7);
export const nextId = (): string => ids.next();

const register: Register = { module: "vuln", generation: 1n, pending: false, touched: () => {} };

type Repositories<K extends keyof typeof onPostgres> = InstanceType<(typeof onPostgres)[K] | (typeof onMongo)[K]>;

export interface Rig extends AsyncDisposable {
  /** A superuser's, to plant faults with. */
  readonly admin: pg.Pool;
  readonly replicator: pg.Pool;
  readonly service: pg.Pool;
  readonly db: Db;
  readonly client: Mongo;
  compare(options?: Partial<CompareOptions>): Promise<Comparison>;
  /** The same unit of work on both databases. */
  onBoth<K extends keyof typeof onPostgres>(
    tenant: TenantId,
    name: K,
    work: (repository: Repositories<K>) => Promise<unknown>,
  ): Promise<void>;
  /** A unit of work of acme's on MongoDB that is still to be replicated. */
  write<K extends keyof typeof onPostgres>(
    name: K,
    work: (repository: Repositories<K>) => Promise<unknown>,
  ): Promise<void>;
}

/** The vuln module on both databases, empty. */
export async function rig(): Promise<Rig> {
  const postgres = await postgresDatabase({
    template: "vuln",
    prepare: (url) => installPostgres({ module: vuln, url }),
  });
  const mongo = await mongoDatabase();
  const app = await loginRole("vuln_compare_service", { memberOf: ["vuln_app"] });
  const copier = await loginRole("vuln_compare_copier", { memberOf: ["stella_replicator"], bypassRls: true });
  const service = openPostgres({ url: roleUrl(postgres.url, app.name, app.password), max: 4 });
  const replicator = openPostgres({ url: roleUrl(postgres.url, copier.name, copier.password), max: 2 });
  const admin = new pg.Pool({ connectionString: postgres.url, max: 1 });
  const client = openMongo({ url: mongo.url });
  const { db } = client;
  await installMongo({ module: vuln, db });
  return {
    admin,
    replicator: replicator.pool,
    service: service.pool,
    db,
    client,
    compare: (options = {}) =>
      compareModule({
        module: vuln,
        postgres: replicator.pool,
        mongo: db,
        view: { primary: "mongo", epoch: 3n, generation: 1n },
        pageSize: 50,
        settleMs: 0,
        ...options,
      }),
    async onBoth(tenant, name, work) {
      const [Postgres, Mongo] = [onPostgres[name], onMongo[name]];
      await postgresTransaction(service.pool, { tenant, register }, async (unit) => {
        await work(new Postgres(unit) as Repositories<typeof name>);
      });
      await mongoTransaction(client, { tenant, register }, async (unit) => {
        await work(new Mongo(unit) as Repositories<typeof name>);
      });
    },
    write: (name, work) =>
      mongoTransaction(client, { tenant: acme, register: { ...register, pending: true } }, async (unit) => {
        await work(new onMongo[name](unit) as Repositories<typeof name>);
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([admin.end(), service.close(), replicator.close(), client.close()]);
      await postgres.expectNoLeaks();
      await mongo.expectNoLeaks();
      await postgres.drop();
      await mongo.drop();
    },
  };
}

/** Advisories as a feed has them. */
const advisoriesOf = (count: number, seed: number): Advisory[] =>
  [...generateOsv({ count, seed })].map((record) => ({
    ...mapOsv(record),
    id: nextId(),
    sourceId: "01900000-0000-7000-8000-000000000001",
    createdAt: at,
    updatedAt: at,
  }));

/** One that has something in every place. */
export const target: Advisory = {
  id: nextId(),
  advisoryKey: "TARGET-1",
  primaryId: "CVE-2026-0001",
  sourceId: "01900000-0000-7000-8000-000000000001",
  title: "Heap overflow in libexample",
  summary: null,
  details: "A long text about it",
  severity: "high",
  publishedAt: new Date("2026-01-01T00:00:00.500Z"),
  modifiedAt: at,
  withdrawnAt: null,
  contentHash: "0".repeat(64),
  provenance: { format: "osv", schemaVersion: "1.7.0" },
  raw: { id: "TARGET-1", numbers: [1, 2.5, 1e21, 9007199254740991], nested: { "a.b": null, $ref: "x", $id: "y" } },
  aliases: [
    { scheme: "CVE", value: "CVE-2026-0001" },
    { scheme: "GHSA", value: "GHSA-aaaa-bbbb-cccc" },
  ],
  cvss: [{ version: "3.1", vector: "CVSS:3.1/AV:N", baseScore: "7.5", source: null }],
  affected: [
    {
      ecosystem: "npm",
      package: "example",
      purl: "pkg:npm/example",
      ranges: [{ to: 1 }],
      versions: ["1", "2"],
      fixed: ["3"],
    },
    { ecosystem: "PyPI", package: "example", purl: null, ranges: [], versions: ["b", "a"], fixed: [] },
  ],
  references: [
    { kind: "WEB", url: "https://example.com/1" },
    { kind: "FIX", url: "https://example.com/2" },
  ],
  credits: [{ name: "someone", kind: null, contact: [] }],
  weaknesses: [{ cwe: "CWE-122" }, { cwe: "CWE-787" }],
  createdAt: at,
  updatedAt: at,
};

/** A few hundred advisories of three tenants, one of them the shared one, and something in each other aggregate. */
export async function fill({ onBoth }: Rig): Promise<void> {
  const shared = advisoriesOf(150, 1);
  await onBoth(acme, "advisories", async (advisories) => {
    await advisories.ingestBatch([...advisoriesOfAcme, target]);
  });
  for (const [tenant, batch] of [
    [other, advisoriesOfOther],
    ["@global" as TenantId, shared],
  ] as const)
    await onBoth(tenant, "advisories", (advisories) => advisories.ingestBatch(batch));
  const stamps = { createdAt: at, updatedAt: at };
  const source = {
    id: nextId(),
    key: "nvd",
    name: "NVD \u{10ffff} \uffff",
    kind: "nvd",
    url: null,
    priority: -3,
    enabled: false,
    config: { deep: [{ "": [] }], text: '"\\\u2028' },
    ...stamps,
  };
  await onBoth(acme, "sources", (sources) => sources.put(source, 0n));
  const state = {
    id: nextId(),
    sourceId: source.id,
    cursor: ["a", 0.1],
    lastSuccessAt: new Date("0001-01-01T00:00:00.001Z"),
    lastError: null,
    failures: 2n ** 62n,
    backoffUntil: new Date("9999-12-31T23:59:59.999Z"),
    ...stamps,
  };
  await onBoth(acme, "sourceStates", (states) => states.put(state, 0n));
  const snapshot = {
    id: nextId(),
    sourceId: source.id,
    snapshotKey: "2026-01",
    takenAt: at,
    sealedAt: null,
    advisoryCount: 2n,
    checksum: null,
    advisories: ["\uffff", "\u{10000}"].map((advisoryKey) => ({ advisoryKey, contentHash: "1" })),
    ...stamps,
  };
  await onBoth(acme, "feedSnapshots", (snapshots) => snapshots.put(snapshot, 0n));
  const flags = ["CVE-1", "CVE-2"].map((cve) => ({
    id: nextId(),
    cve,
    addedAt: at,
    dueAt: null,
    ransomwareUse: "known" as const,
    notes: null,
    source: "kev",
    ...stamps,
  }));
  await onBoth(acme, "kevFlags", (kevFlags) => kevFlags.replaceAll(flags));
  const event = {
    id: nextId(),
    advisoryKey: "X",
    beforeHash: null,
    afterHash: "1",
    inputs: {},
    mergedAt: at,
    ...stamps,
  };
  await onBoth(acme, "mergeEvents", (events) => events.append([event]));
}

const advisoriesOfAcme = advisoriesOf(120, 2);
const advisoriesOfOther = advisoriesOf(60, 3);

/** The target as it was, on both. */
export async function heal({ admin, db, onBoth }: Rig): Promise<void> {
  await admin.query("delete from vuln.advisories where id = $1", [target.id]);
  await admin.query("delete from cutover.register where id = $1", [target.id]);
  await db.collection("advisories").deleteMany({ advisoryKey: target.advisoryKey });
  await db.collection("register").deleteMany({ id: target.id });
  await onBoth(acme, "advisories", (advisories) => advisories.put(target, 0n));
}
