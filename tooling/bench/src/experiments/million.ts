import { wiring } from "@stellaops/vuln";
import type { Experiment } from "../experiment.ts";
import { interleaved, type MeasureOptions, type Way } from "../measure.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { withoutScope } from "../without-scope.ts";

const rows = 1_000_000;
const limit = 50;

/** P3: what tenants ask of a table of a million rows: nine tenths one tenant's, a fiftieth shared by all, the rest of 800 small ones. */
export const million: Experiment = async ({ rig, rounds, log }) => {
  log("  making a million rows");
  await fill(rig);
  const under = rig.onPostgres.tenant(tenant).advisories;
  const { repositories } = await wiring.postgres();
  const plain = new repositories.advisories(withoutScope(rig.plain.bypass, tenant));
  const words = (turn: number) => `w${turn % 997} x${turn % 31}`;
  const middle = await under.listModifiedSince(new Date("2024-01-01T00:00:00Z"), { limit });
  const page = { limit, after: null };
  const ways: Readonly<Record<string, readonly [Way, Way, MeasureOptions?]>> = {
    "list: first page of 50, own and @global": [() => under.list(page), () => plain.list(page)],
    "page: 50 by time of change from the middle, own and @global": [
      () => under.listModifiedSince(new Date("2024-01-01T00:00:00Z"), { limit, after: middle.next }),
      () => plain.listModifiedSince(new Date("2024-01-01T00:00:00Z"), { limit, after: middle.next }),
    ],
    "search: two words, newest 50": [
      (turn) => under.search(words(turn), { limit }),
      (turn) => plain.search(words(turn), { limit }),
    ],
    "count: own and @global, 920,000": [() => under.count(), () => plain.count(), { callers: 2, roundMs: 1_500 }],
  };
  const measured: Row[] = [];
  for (const [name, [scoped, predicate, options]] of Object.entries(ways)) {
    log(`  ${name}`);
    const { perSecond, ratio } = await interleaved({ rls: scoped, predicate }, { rounds, ...options });
    measured.push({
      experiment: "P3",
      name: `${name}, under RLS ÷ explicit predicate only`,
      ratio: ratio("rls", "predicate"),
      reach: { least: 0.9 },
      parts: perSecond,
      unit: `calls/s, ${options?.callers ?? 8} callers`,
    });
  }
  return measured;
};

/** On the server, with the indexes made afterwards: a few times as fast as any load. */
async function fill({ sql }: Pick<Rig, "sql">): Promise<void> {
  const indexes = await sql(
    "select indexname as name, indexdef as text from pg_indexes where schemaname = 'vuln' and tablename = 'advisories' and indexname not like 'pk%' and indexname not like 'uq%'",
  );
  for (const { name } of indexes) await sql(`drop index vuln.${String(name)}`);
  await sql("alter table vuln.advisories drop constraint uq_advisories_advisory_key");
  await sql(
    `insert into vuln.advisories (tenant_id, id, revision, advisory_key, primary_id, source_id, title, severity, modified_at, content_hash, provenance, raw, search_words, created_at, updated_at)
 select case when n % 50 = 0 then '@global' when n % 25 in (1, 2) then 'tenant-' || (n / 25) % 800 else $1 end,
   (lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000')::uuid, 1, 'KEY-' || n, 'CVE-' || n, '01900000-0000-7000-8000-000000000000',
   'Advisory ' || n, 'high', timestamptz '2020-01-01' + n * interval '4 minutes', md5(n::text), '{}', jsonb_build_object('id', n),
   array['w' || n % 997, 'x' || n % 31, 'y' || n % 7], now(), now()
 from generate_series(1, ${rows}) n`,
    [tenant],
  );
  await sql("alter table vuln.advisories add constraint uq_advisories_advisory_key unique (tenant_id, advisory_key)");
  for (const { text } of indexes) await sql(String(text));
  await sql("vacuum analyze vuln.advisories");
}
