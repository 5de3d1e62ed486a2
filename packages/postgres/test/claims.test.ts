/** What a hint may hide and for how long, and what it saves while an old snapshot is held. */
import {
  choice,
  definitions,
  jobFields,
  queue,
  seededIds,
  systemClock,
  takenBy,
  tenantId,
  type AggregateOf,
} from "@stellaops/kernel";
import type { Int8, Timestamp } from "@stellaops/kernel";
import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { claimStatement } from "../src/claim-text.ts";
import { Parameters } from "../src/guarded.ts";
import { lowest, type Position } from "../src/hints.ts";
import { openPostgres, PostgresJobs, singleUnit, table, type Postgres, type Unit } from "../src/index.ts";

interface DB {
  readonly errands: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: Int8;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly status: string;
    readonly attempts: Int8;
    readonly lease_holder: string | null;
    readonly lease_until: Timestamp | null;
    readonly claim_id: string | null;
    readonly available_at: Timestamp;
    readonly last_error: string | null;
  };
}
const errands = definitions<DB>("trial").aggregate("errands", "errand", {
  status: choice("queued", "running", "succeeded", "failed"),
  ...jobFields,
});
type Errand = AggregateOf<typeof errands>;
const errandQueue = queue(errands, {
  status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  due: "availableAt",
});
const verbs = table<DB, "errands", typeof errands>(errands);
class Errands extends PostgresJobs<typeof errands> {
  constructor(unit: Unit) {
    super(unit, verbs, errandQueue);
  }
  offer(batch: readonly Errand[]): Promise<void> {
    return this.appendAll(batch, 10_000);
  }
}

const schema = `create schema trial; create table trial.errands (
  tenant_id text collate "C" not null, id uuid not null, revision bigint not null, status text collate "C" not null,
  attempts bigint not null, lease_holder text collate "C", lease_until timestamptz(3), claim_id uuid,
  available_at timestamptz(3) not null, last_error text collate "C", created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null, constraint pk_errands primary key (tenant_id, id)) with (autovacuum_enabled = off);
create index idx_errands_claim on trial.errands (tenant_id, available_at, id) where status = 'queued';`;

const tenant = tenantId("acme");
const noon = new Date("2026-01-02T12:00:00.000Z");
const later = (ms: number): Date => new Date(noon.getTime() + ms);
const ids = seededIds(systemClock, 5);
const errand = (n: number): Errand => ({
  id: ids.next(),
  createdAt: noon,
  updatedAt: noon,
  status: "queued",
  attempts: 0n,
  leaseHolder: null,
  leaseUntil: null,
  claimId: null,
  availableAt: later(n),
  lastError: null,
});
const request = (limit: number) => ({
  limit,
  holder: "h",
  at: later(1_000_000),
  until: later(2_000_000),
  claimId: ids.next(),
});

let database: PostgresDatabase;
/** Two processes, as far as hints go: each has its own pool. */
let [here, elsewhere]: Postgres[] = [];
let now = 0;
beforeAll(async () => {
  database = await postgresDatabase({ prepare: (url) => withPostgres(url, async (c) => void (await c.query(schema))) });
});
beforeEach(async () => {
  await withPostgres(database.url, async (client) => void (await client.query("truncate trial.errands")));
  [here, elsewhere] = [openPostgres({ url: database.url, max: 4 }), openPostgres({ url: database.url, max: 4 })];
  now += 10_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await here?.close();
  await elsewhere?.close();
});
afterAll(() => database.drop());

const at = (postgres: Postgres | undefined): Errands => new Errands(singleUnit(postgres!.pool, { tenant }));
const claimed = async (limit: number): Promise<readonly string[]> =>
  (await at(here).claim(request(limit))).map(({ id }) => id);

it("one that another process made due before the hint is seen within a second", async () => {
  const queued = Array.from({ length: 6 }, (_, n) => errand(n * 10));
  await at(elsewhere).offer(queued);
  const first = await at(here).claim(request(2));
  expect(first.map(({ id }) => id)).toEqual([queued[0]!.id, queued[1]!.id]);
  const straggler = errand(5);
  await at(elsewhere).offer([straggler]);
  now += 999;
  // What a holder does with its job makes nothing due: it says nothing of where to look.
  await at(here).complete({ id: queued[0]!.id, holder: "h", attempt: 1n }, { at: later(0) });
  expect(await claimed(1)).toEqual([queued[2]!.id]);
  now += 1;
  expect(await claimed(1)).toEqual([straggler.id]);
});

it("one that this process made due before the hint is seen at once", async () => {
  const queued = Array.from({ length: 3 }, (_, n) => errand(n * 10));
  await at(elsewhere).offer(queued);
  expect(await claimed(2)).toHaveLength(2);
  const straggler = errand(5);
  await at(here).offer([straggler]);
  expect(await claimed(1)).toEqual([straggler.id]);
});

it("a claim that finds fewer than it asked for looks from the beginning in the same call", async () => {
  const queued = Array.from({ length: 4 }, (_, n) => errand(n * 10));
  await at(elsewhere).offer(queued);
  expect(await claimed(3)).toHaveLength(3);
  const stragglers = [errand(1), errand(2), errand(3)];
  await at(elsewhere).offer(stragglers);
  // The last of those after the hint, and the first of those before it.
  expect(new Set(await claimed(3))).toEqual(new Set([queued[3]!.id, stragglers[0]!.id, stragglers[1]!.id]));
  expect(await claimed(3)).toEqual([stragglers[2]!.id]);
  expect(await claimed(3)).toEqual([]);
});

it("what a unit claimed and did not commit is claimed again, at once and in order", async () => {
  const queued = Array.from({ length: 3 }, (_, n) => errand(n * 10));
  await at(elsewhere).offer(queued);
  const undone = singleUnit(here!.pool, { tenant }).atomically(async (unit) => {
    expect(await new Errands(unit).claim(request(2))).toHaveLength(2);
    throw new RangeError("changed my mind");
  });
  await expect(undone).rejects.toThrow(RangeError);
  for (const { id } of queued) expect(await claimed(1)).toEqual([id]);
});

it("one that a unit makes due is seen once it is committed, also when others were claimed meanwhile", async () => {
  const queued = Array.from({ length: 4 }, (_, n) => errand(100 + n));
  await at(elsewhere).offer(queued);
  const first = errand(1);
  await singleUnit(here!.pool, { tenant }).atomically(async (unit) => {
    await new Errands(unit).offer([first]);
    expect(await claimed(2)).toHaveLength(2);
  });
  expect(await claimed(1)).toEqual([first.id]);
});

it("one that a unit makes due is claimed by that very unit, in its order", async () => {
  const queued = Array.from({ length: 4 }, (_, n) => errand(100 + n));
  await at(elsewhere).offer(queued);
  expect(await claimed(2)).toHaveLength(2);
  const first = errand(1);
  const found = await singleUnit(here!.pool, { tenant }).atomically(async (unit) => {
    await new Errands(unit).offer([first]);
    return new Errands(unit).claim(request(1));
  });
  expect(found.map(({ id }) => id)).toEqual([first.id]);
});

it("the text of a claim is its own limit's and register's, whatever was claimed before", () => {
  const kept = { module: "trial", generation: 3n, pending: false, touched: () => {} };
  const set = takenBy(errandQueue, request(1));
  const texts = [null, kept, null, kept].flatMap((register) =>
    [1, 2].map((limit) => {
      const claiming = { queue: errandQueue as never, request: request(limit), limit, set, bounds: [lowest] };
      const { text, values } = claimStatement(claiming, new Parameters(tenant), {
        ...singleUnit(here!.pool, { tenant }),
        register,
      });
      expect(text.includes("cutover.register")).toBe(register !== null);
      expect(text).toContain(`limit ${limit} for update`);
      expect(Math.max(...Array.from(text.matchAll(/\$(\d+)/g), ([, n]) => Number(n)))).toBe(values.length);
      return text;
    }),
  );
  expect(new Set(texts).size).toBe(4);
});

it("spares the walk over what is claimed already while an old snapshot is held", async () => {
  const all = Array.from({ length: 5_000 }, (_, n) => errand(n));
  await at(here).offer(all);
  await withPostgres(database.url, async (old) => {
    await old.query("begin isolation level repeatable read; select count(*) from trial.errands");
    for (let n = 0; n < 40; n += 1) await at(here).claim(request(100));
    const last = all[3_999]!;
    const read = async (from: Position) => {
      const params = new Parameters(tenant);
      const claiming = {
        queue: errandQueue as never,
        request: request(1),
        limit: 1,
        set: takenBy(errandQueue, request(1)),
        bounds: [from],
      };
      const { text, values } = claimStatement(claiming, params, singleUnit(here!.pool, { tenant }));
      return withPostgres(database.url, async (client) => {
        const encoded = values.map((value) => (typeof value === "bigint" ? String(value) : value));
        const { rows } = await client.query(`explain (analyze, buffers, format json) ${text}`, encoded);
        const [{ Plan: plan }] = rows[0]["QUERY PLAN"];
        return { pages: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], ms: plan["Actual Total Time"] };
      });
    };
    const without = await read(lowest);
    const hinted = await read({ at: last.availableAt.toISOString(), id: last.id });
    const told = ({ pages, ms }: typeof without): string => `${pages} pages in ${ms} ms`;
    console.info(
      `a claim of one after 4,000 under an old snapshot reads ${told(without)} from the beginning, ${told(hinted)} from a hint`,
    );
    expect(hinted.pages * 4).toBeLessThan(without.pages);
    await old.query("rollback");
  });
});
