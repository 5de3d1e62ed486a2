import { afterAll, beforeAll, expect, it } from "vitest";
import { installMongo, installPostgres } from "@stellaops/cutover";
import { openMongo, singleUnit as mongoUnit, transaction as mongoTransaction } from "@stellaops/mongo";
import { openPostgres, singleUnit } from "@stellaops/postgres";
import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import { tenantId, uuidV7, systemClock } from "@stellaops/kernel";
import { vuln } from "../src/module.ts";
import { MongoAdvisories } from "../src/mongo/advisories.ts";
import { PostgresAdvisories } from "../src/postgres/advisories.ts";
import { PostgresFeedSnapshots } from "../src/postgres/feed-snapshots.ts";
import { MongoFeedSnapshots } from "../src/mongo/feed-snapshots.ts";
import { PostgresKevFlags } from "../src/postgres/kev-flags.ts";
import { MongoKevFlags } from "../src/mongo/kev-flags.ts";
import { generateOsv } from "../src/domain/generate.ts";
import { mapOsv } from "../src/domain/osv.ts";

let closers: (() => Promise<unknown>)[] = [];
let P: any, M: any, FP: any, FM: any, KP: any, KM: any;
beforeAll(async () => {
  const pg = await postgresDatabase({ template: "vuln", prepare: (url) => installPostgres({ module: vuln, url }) });
  const mongo = await mongoDatabase();
  const role = await loginRole("vuln_smoke", { memberOf: ["vuln_app"] });
  const postgres = openPostgres({ url: roleUrl(pg.url, role.name, role.password), max: 4 });
  const m = openMongo({ url: mongo.url });
  await installMongo({ module: vuln, db: m.db });
  const t = tenantId("acme");
  const register = { module: "vuln", generation: 1n, pending: true, touched: () => {} };
  const u = process.env.REG ? singleUnit(postgres.pool, { tenant: t, register }) : singleUnit(postgres.pool, { tenant: t });
  const mu = mongoUnit(m, { tenant: t, ...(process.env.REG ? { register } : {}) });
  const inTx = (C: any) => new Proxy({}, { get: (_: any, k: string) => (...a: any[]) => process.env.REG ? mongoTransaction(m, { tenant: t, register }, (uu) => (new C(uu) as any)[k](...a)) : (new C(mu) as any)[k](...a) });
  P = new PostgresAdvisories(u); M = inTx(MongoAdvisories);
  FP = new PostgresFeedSnapshots(u); FM = inTx(MongoFeedSnapshots); KP = new PostgresKevFlags(u); KM = inTx(MongoKevFlags);
  closers = [() => postgres.close(), () => m.close(), () => pg.drop(), () => mongo.drop()];
});
afterAll(async () => { for (const c of closers) await c(); });
const id = uuidV7(systemClock);
const now = new Date("2026-01-01T00:00:00Z");
const batch = [...generateOsv({ count: 300, seed: 1 })].map((r) => ({ ...mapOsv(r), id: id.next(), sourceId: id.next(), createdAt: now, updatedAt: now }));

it("advisories", async () => {
  for (const R of [P, M]) {
    expect(await R.ingestBatch(batch)).toEqual({ inserted: 300, updated: 0, unchanged: 0 });
    expect(await R.ingestBatch(batch)).toEqual({ inserted: 0, updated: 0, unchanged: 300 });
    expect(await R.ingestBatch(batch.map((b, i) => i % 3 ? b : ({ ...b, contentHash: "x", aliases: [] })))).toEqual({ inserted: 0, updated: 100, unchanged: 200 });
    expect(await R.put({ ...batch[0]!, title: "new title" }, 2n)).toBe(3n);
    await expect(R.put({ ...batch[0]!, title: "new title" }, 2n)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
    await R.delete(batch[1]!.id, 1n);
    await expect(R.put(batch[2]!, 0n)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
    expect(await R.put(batch[1]!, 0n)).toBe(process.env.REG ? 3n : 1n);
    await expect(R.put({ ...batch[1]!, id: id.next() }, 0n).then(() => 0)).rejects.toMatchObject({ code: "UNIQUE_VIOLATION", details: { constraint: "uq_advisories_advisory_key" } });
    expect(await R.withdraw(batch[5]!.advisoryKey, now)).toBe(batch[5]!.withdrawnAt === null);
    expect(await R.withdraw(batch[5]!.advisoryKey, now)).toBe(false);
  }
  const walk = async (f: (r: any) => Promise<any>) => { const all: any[] = []; let after = null; do { const p: any = await f({ limit: 7, after }); all.push(...p.items); after = p.next; } while (after); return all; };
  for (const f of [(R: any) => walk((r) => R.list(r)), (R: any) => walk((r) => R.listModifiedSince(new Date("2025-01-01"), r)), (R: any) => walk((r) => R.search("memory", r)), (R: any) => walk((r) => R.findByPackage({ ecosystem: batch[7]!.affected[0]!.ecosystem, package: batch[7]!.affected[0]!.package }, r)),
    (R: any) => walk((r) => R.findByAlias(batch[7]!.aliases[0]!.scheme, batch[7]!.aliases[0]!.value, r)), (R: any) => R.findByKey(batch[9]!.advisoryKey), (R: any) => R.get(batch[10]!.id), (R: any) => R.count()]) {
    const [a, b] = [await f(P), await f(M)];
    console.log(Array.isArray(a) ? a.length : typeof a);
    expect(a).toEqual(b);
  }
});
it("snapshots and kev", async () => {
  const src = id.next(); const s1 = id.next(), s2 = id.next();
  const out = [];
  for (const F of [FP, FM]) {
    await F.open({ id: s1, sourceId: src, snapshotKey: "a", takenAt: now }); await F.open({ id: s2, sourceId: src, snapshotKey: "b", takenAt: now });
    await F.addAdvisories(s1, [{ advisoryKey: "z", contentHash: "1" }, { advisoryKey: "b", contentHash: "1" }], now);
    await F.addAdvisories(s1, [{ advisoryKey: "b", contentHash: "2" }, { advisoryKey: "a", contentHash: "1" }], now);
    await F.addAdvisories(s2, [{ advisoryKey: "b", contentHash: "9" }, { advisoryKey: "q", contentHash: "1" }], now);
    const sealed = await F.seal(s1, now);
    await expect(F.addAdvisories(s1, [], now)).rejects.toMatchObject({ code: "SNAPSHOT_SEALED" });
    await expect(F.addAdvisories(id.next(), [], now)).rejects.toMatchObject({ code: "NOT_FOUND" });
    out.push([sealed, await F.diff(s1, s2)]);
  }
  console.log(JSON.stringify(out[0], (_, v) => typeof v === "bigint" ? String(v) : v));
  expect(out[0]).toEqual(out[1]);
  const kev = (cve: string, notes: string | null) => ({ id: id.next(), cve, addedAt: now, dueAt: null, ransomwareUse: "known", notes, source: "cisa", createdAt: now, updatedAt: now });
  for (const K of [KP, KM]) {
    expect(await K.replaceAll([kev("A", null), kev("B", null), kev("C", "x")])).toEqual({ inserted: 3, updated: 0, unchanged: 0, deleted: 0 });
    expect(await K.replaceAll([kev("A", null), kev("B", "y"), kev("D", "x")])).toEqual({ inserted: 1, updated: 1, unchanged: 1, deleted: 1 });
    expect(await K.isKnownExploited(["Z", "D", "A", "C"])).toEqual(["A", "D"]);
  }
});
