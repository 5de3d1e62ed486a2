import { installPostgres } from "../../cutover/src/install.ts";
import { codeOf, GLOBAL, manualClock, seededIds, tenantId } from "@stellaops/kernel";
import { loginRole, postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { advisories, type Advisory } from "../../vuln/src/aggregates.ts";
import { vuln } from "../../vuln/src/module.ts";
import { repositories } from "../../vuln/src/postgres/index.ts";
import { generateOsv } from "../../vuln/src/domain/generate.ts";
import { mapOsv } from "../../vuln/src/domain/osv.ts";
import { bulkLoad, bulkUpsert, openPostgres, singleUnit, type Postgres } from "../src/index.ts";

const acme = tenantId("acme");
const at = new Date("2026-03-01T12:00:00.000Z");
const ids = seededIds(manualClock(at), 5);
let database: PostgresDatabase;
let app: Postgres;
let replicator: Postgres;

beforeAll(async () => {
  database = await postgresDatabase({ template: "vuln", prepare: (url) => installPostgres({ module: vuln, url }) });
  const service = await loginRole("vuln_bulk_service", { memberOf: ["vuln_app"] });
  const loader = await loginRole("vuln_bulk_loader", { memberOf: ["stella_replicator"], bypassRls: true });
  app = openPostgres({ url: roleUrl(database.url, service.name, service.password), max: 2 });
  replicator = openPostgres({ url: roleUrl(database.url, loader.name, loader.password), max: 2 });
});
afterEach(() =>
  withPostgres(database.url, (client) => client.query("truncate vuln.advisories cascade; delete from cutover.stages")),
);
afterAll(async () => {
  await Promise.all([app.close(), replicator.close()]);
  await database.expectNoLeaks();
  await database.drop();
});

const sample = (count: number, seed = 1): Advisory[] =>
  [...generateOsv({ count, seed })].map((record) => ({
    ...mapOsv(record),
    id: ids.next(),
    sourceId: "01890000-0000-7000-8000-000000000001",
    createdAt: at,
    updatedAt: at,
  }));
/** With what the text format of COPY and the literals of arrays must quote. */
const awkward = (): Advisory => ({
  ...sample(1)[0]!,
  advisoryKey: "\\N",
  title: 'tab\there, line\nthere\r, back\\slash, \\., "quoted", {braces}, NULL',
  summary: "",
  details: null,
  raw: { "": ["\t", "\n\\", null, 1e21], text: 'a"b\\c' },
  aliases: [
    { scheme: "", value: "\\N" },
    { scheme: "x\ty", value: "" },
  ],
  credits: [{ name: "\u{10ffff}", kind: null, contact: ["", "NULL", 'a,"b"', "c\\d", "e\nf"] }],
});
const reader = () => new repositories.advisories(singleUnit(app.pool, { tenant: acme }));
async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
const stored = async () =>
  withPostgres(database.url, async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as n, count(distinct revision)::int as kinds from vuln.advisories",
    );
    return rows[0];
  });

const ways = {
  bulkLoad: (items: Iterable<Advisory> | AsyncIterable<Advisory>, options = {}) =>
    bulkLoad(replicator.pool, advisories, acme, items, options),
  bulkUpsert: (items: Iterable<Advisory> | AsyncIterable<Advisory>, options = {}) =>
    bulkUpsert(app.pool, advisories, acme, items, options),
};

for (const [name, run] of Object.entries(ways)) {
  test(`${name} stores what the repository reads back, over chunks`, async () => {
    const items = [...sample(45), awkward()];
    const seen: number[] = [];
    const onProgress = ({ rows }: { rows: number }) => void seen.push(rows);
    expect(await run(streamed(items), { chunk: 20, onProgress })).toEqual({ rows: 46 });
    expect(seen).toEqual([20, 40, 46]);
    const repository = reader();
    for (const item of items) {
      const found = await repository.get(item.id);
      expect(found).toMatchObject({ ...item, aliases: expect.any(Array), weaknesses: expect.any(Array) });
      expect(found?.revision).toBe(1n);
    }
    const { aliases } = (await repository.findByKey("\\N"))!;
    expect(aliases).toEqual([
      { scheme: "", value: "\\N" },
      { scheme: "x\ty", value: "" },
    ]);
  });

  test(`${name} stores nothing of a chunk that holds a value to be refused, and names it`, async () => {
    const [first, ...rest] = sample(5);
    const refusedRun = run([...rest, { ...first!, title: "\0" }], { chunk: 2 });
    await expect(refusedRun).rejects.toMatchObject({ code: "VALUE_NUL", details: { path: "title" } });
    expect(await stored()).toMatchObject({ n: 4 });
  });

  test(`${name} ends at a chunk's end when it is aborted`, async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("enough"));
    await expect(run(sample(30), { chunk: 10, signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect((await stored())!.n).toBeLessThan(30);
    expect((await stored())!.n % 10).toBe(0);
  });

  test(`${name} is refused where a stage is recorded`, async () => {
    await withPostgres(database.url, (client) =>
      client.query(
        "insert into cutover.stages (module, state, epoch, stage, generation, generations, changed_by, reason, evidence) values ('vuln', 'settled', 1, 'mongo', 1, '{1}', 'test', 'test', '{}')",
      ),
    );
    await expect(run(sample(1))).rejects.toMatchObject({ code: "BULK_STAGE_RECORDED" });
  });

  test(`${name} rolls a refused chunk back, and its pool goes on`, async () => {
    const [a, b, c] = sample(3);
    const clash = run([a!, b!, { ...c!, advisoryKey: a!.advisoryKey }], { chunk: 3 });
    await expect(clash).rejects.toMatchObject({
      code: "UNIQUE_VIOLATION",
      details: { constraint: "uq_advisories_advisory_key" },
    });
    expect(await stored()).toMatchObject({ n: 0 });
    expect(await run([a!, b!])).toEqual({ rows: 2 });
  });
}

test("bulkLoad is refused under row-level security, with the way out", async () => {
  const held = bulkLoad(app.pool, advisories, acme, sample(1));
  await expect(held).rejects.toSatisfy((error) => codeOf(error) === "BULK_ROLE" && /bulkUpsert/.test(String(error)));
});

test("bulkLoad refuses an aggregate that is there", async () => {
  const items = sample(2);
  await ways.bulkLoad(items);
  await expect(ways.bulkLoad(items)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
});

test("bulkUpsert puts new children in the place of the old, and raises the revision", async () => {
  const [first, second] = sample(2);
  await ways.bulkUpsert([first!, second!]);
  const changed = {
    ...first!,
    title: "changed",
    references: [{ kind: "WEB", url: "https://example.org" }],
    weaknesses: [],
  };
  await ways.bulkUpsert([changed]);
  const repository = reader();
  expect(await repository.get(changed.id)).toMatchObject({ ...changed, revision: 2n });
  expect(await repository.get(second!.id)).toMatchObject({ revision: 1n });
});

test("of two of one id in a chunk the later stands", async () => {
  const [one] = sample(1);
  await ways.bulkUpsert([one!, { ...one!, title: "later" }]);
  expect(await reader().get(one!.id)).toMatchObject({ title: "later", revision: 1n });
});

test("bulkUpsert leaves the same id of another tenant alone", async () => {
  const [one] = sample(1);
  await bulkLoad(replicator.pool, advisories, GLOBAL, [one!]);
  await ways.bulkUpsert([{ ...one!, title: "own" }]);
  const { rows } = await replicator.pool.query("select tenant_id, title, revision from vuln.advisories order by 1");
  expect(rows).toEqual([
    { tenant_id: "@global", title: one!.title, revision: "1" },
    { tenant_id: "acme", title: "own", revision: "1" },
  ]);
});
