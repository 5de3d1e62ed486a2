import { it } from "vitest";
import { advisoriesOf, other, rig, acme } from "./compare-rig.ts";
it("bench", { timeout: 600_000 }, async () => {
  await using on = await rig();
  const n = Number(process.env.N ?? 10000);
  for (let i = 0; i < n; i += 500) {
    const batch = advisoriesOf(500, i + 1).map((a, j) => ({ ...a, advisoryKey: `K-${i + j}` }));
    await on.onBoth(acme, "advisories", (r) => r.ingestBatch(batch));
  }
  await on.admin.query("analyze");
  const ms = async (f: () => Promise<unknown>) => { const t = performance.now(); await f(); return Math.round(performance.now() - t); };
  const hash = `select (select sum(hashtextextended(t::text,0)) from vuln.advisories t), ` + ["aliases","cvss","affected","references","credits","weaknesses"].map((c) => `(select sum(hashtextextended(t::text,0)) from vuln.advisory_${c} t)`).join(",");
  console.log("bare hash", await ms(() => on.admin.query(hash)), await ms(() => on.admin.query(hash)));
  for (const pageSize of [1000, 100, 250, 50, 1000]) console.log("compare", pageSize, await ms(async () => { const c = await on.compare({ pageSize }); if (!c.equal) throw new Error(); }), process.memoryUsage().rss >> 20);
  const { postgresRows } = await import("../src/compare/postgres/rows.ts"); const { mongoRows } = await import("../src/compare/mongo/rows.ts"); const { layoutOf } = await import("../src/compare/layout.ts"); const { advisories } = await import("../../vuln/src/aggregates.ts"); const { pageText } = await import("../src/compare/postgres/statements.ts");
  const layout = layoutOf(advisories);
  const drain = async (p: AsyncIterable<unknown>) => { for await (const _ of p); };
  console.log("pg side", await ms(() => drain(postgresRows(on.replicator, layout).pages({ pageSize: 1000, tenant: null }))));
  console.log("mongo side", await ms(() => drain(mongoRows(on.db, layout).pages({ pageSize: 1000, tenant: null }))));
  const { rows } = await on.replicator.query("explain (analyze) " + pageText(layout).replace("$1", "1000").replace(/\$2/g, "null").replace("$3", "''").replace("$4", "'00000000-0000-0000-0000-000000000000'"));
  console.log(rows.map((r) => r["QUERY PLAN"]).join("\n"));
  if (process.env.PROF) { const { Session } = await import("node:inspector/promises"); const s = new Session(); s.connect(); await s.post("Profiler.enable"); await s.post("Profiler.start"); await on.compare({ pageSize: 1000 }); const { profile } = await s.post("Profiler.stop"); const self = new Map<string, number>(); const dt = profile.timeDeltas!; const byId = new Map(profile.nodes.map((x) => [x.id, x])); profile.samples!.forEach((id, i) => { const f = byId.get(id)!.callFrame; const k = f.functionName + " " + f.url.split("/").slice(-2).join("/") + ":" + f.lineNumber; self.set(k, (self.get(k) ?? 0) + dt[i]!); }); console.log([...self].sort((a, b) => b[1] - a[1]).slice(0, 35).map(([k, v]) => Math.round(v / 1000) + "ms " + k).join("\n")); }
});
