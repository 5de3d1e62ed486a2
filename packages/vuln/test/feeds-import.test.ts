import { codeOf, manualClock, seededIds, transient } from "@stellaops/kernel";
import fc from "fast-check";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Advisory } from "../src/aggregates.ts";
import { generateOsv } from "../src/domain/generate.ts";
import { importOsv, type AdvisorySink, type ImportProgress, type RefusedRecord } from "../src/feeds/import-osv.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Keeps what `ingestBatch` promises, for the importer's own logic; the repositories are tested on real databases. */
function memory(): AdvisorySink & { readonly kept: Map<string, Advisory>; readonly batches: number[] } {
  const kept = new Map<string, Advisory>();
  const batches: number[] = [];
  return {
    kept,
    batches,
    ingestBatch(advisories) {
      batches.push(advisories.length);
      const done = { inserted: 0, updated: 0, unchanged: 0 };
      for (const advisory of advisories) {
        const before = kept.get(advisory.advisoryKey);
        if (before === undefined) done.inserted += 1;
        else if (before.contentHash === advisory.contentHash) done.unchanged += 1;
        else done.updated += 1;
        if (before?.contentHash !== advisory.contentHash) kept.set(advisory.advisoryKey, advisory);
      }
      return Promise.resolve(done);
    },
  };
}

function context(advisories: AdvisorySink) {
  const clock = manualClock(new Date("2026-06-01T00:00:00Z"));
  const refused: RefusedRecord[] = [];
  const progress: ImportProgress[] = [];
  const options = {
    advisories,
    sourceId: "00000000-0000-7000-8000-000000000002",
    clock,
    ids: seededIds(clock, 1),
    onRefused: (record: RefusedRecord) => void refused.push(record),
    onProgress: (at: ImportProgress) => void progress.push(at),
  };
  return { clock, refused, progress, options };
}

const record = (id: string, modified = "2026-01-01T00:00:00Z", summary = "") => ({ id, modified, summary });

describe("import", () => {
  test("in batches, with progress; a second run writes nothing", async () => {
    const sink = memory();
    const { options, progress } = context(sink);
    const records = [...generateOsv({ count: 1_250 })];
    const first = await importOsv({ ...options, records });
    expect(first).toEqual({
      read: 1_250,
      inserted: 1_250,
      updated: 0,
      unchanged: 0,
      superseded: 0,
      refused: 0,
      seconds: 0,
    });
    expect(sink.batches).toEqual([500, 500, 250]);
    expect(progress.map(({ read }) => read)).toEqual([500, 1_000, 1_250]);
    const second = await importOsv({ ...options, records });
    expect(second).toMatchObject({ read: 1_250, inserted: 0, updated: 0, unchanged: 1_250 });
  });

  test("refused records are told with their line and reason, and the rest goes on", async () => {
    const path = join(folder, "feed.ndjson");
    const lines = [
      record("A-1"),
      "nonsense",
      { id: "A-2" },
      record("A-3", "2026-01-01T00:00:00Z", "a\0b"),
      record("A-4"),
    ];
    await writeFile(path, lines.map((line) => (line === "nonsense" ? "{" : JSON.stringify(line))).join("\n"));
    const sink = memory();
    const { options, refused, progress } = context(sink);
    expect(await importOsv({ ...options, path })).toMatchObject({ read: 5, inserted: 2, refused: 3 });
    expect(refused.map(({ source, line, recordId, code, path: at }) => [source, line, recordId, code, at])).toEqual([
      [path, 2, null, "FEED_LINE_UNREADABLE", null],
      [path, 3, "A-2", "FEED_RECORD_INVALID", "modified"],
      [path, 4, "A-3", "VALUE_NUL", "summary"],
    ]);
    expect(refused.every(({ reason }) => reason.length > 20)).toBe(true);
    expect(progress.at(-1)).toMatchObject({ bytes: progress.at(-1)?.totalBytes });
  });

  test("a value beyond an advisory's limits is refused by the path in the advisory", async () => {
    const { options, refused } = context(memory());
    await importOsv({ ...options, records: [record("A".repeat(201))] });
    expect(refused).toMatchObject([{ line: 1, code: "VALUE_TOO_LONG", path: "advisoryKey" }]);
  });

  test("of one id in a batch the later wins, of equals the last", async () => {
    const sink = memory();
    const { options } = context(sink);
    const records = [
      record("A-1", "2026-01-02T00:00:00Z", "kept"),
      record("A-1", "2026-01-01T00:00:00Z", "older"),
      record("A-2", "0001-01-01T00:00:00Z", "first"),
      record("A-2", "0001-01-01T00:00:00Z", "last"),
    ];
    expect(await importOsv({ ...options, records })).toMatchObject({ read: 4, inserted: 2, superseded: 2 });
    expect([...sink.kept.values()].map(({ summary }) => summary)).toEqual(["kept", "last"]);
  });

  test("large records close a batch early", async () => {
    const path = join(folder, "large.ndjson");
    const large = Array.from({ length: 5 }, (_, i) => ({ ...record(`A-${i}`), extra: "x".repeat(3_000_000) }));
    await writeFile(path, large.map((line) => JSON.stringify(line)).join("\n"));
    const sink = memory();
    await importOsv({ ...context(sink).options, path });
    expect(sink.batches).toEqual([3, 2]);
  });

  test("records may come one by one, and an empty feed ends with zeros", async () => {
    async function* one() {
      yield await Promise.resolve(record("A-1"));
    }
    expect(await importOsv({ ...context(memory()).options, records: one() })).toMatchObject({ read: 1, inserted: 1 });
    const sink = memory();
    const { options, progress } = context(sink);
    expect(await importOsv({ ...options, records: [] })).toMatchObject({ read: 0, inserted: 0 });
    expect([sink.batches, progress.length]).toEqual([[], 1]);
  });

  test("seconds are the clock's, and ids and times are the given ones", async () => {
    const sink = memory();
    const { options, clock } = context(sink);
    const onProgress = () => clock.advance(1_500);
    expect(await importOsv({ ...options, onProgress, records: [record("A-1")] })).toMatchObject({ seconds: 1.5 });
    expect(sink.kept.get("A-1")).toMatchObject({
      createdAt: new Date("2026-06-01T00:00:00Z"),
      updatedAt: new Date("2026-06-01T00:00:00Z"),
      sourceId: options.sourceId,
    });
  });
});

describe("interruption and failure", () => {
  test("what takes longer than a unit of work may is handed over in halves, and so is what comes later", async () => {
    const sink = memory();
    const slow: AdvisorySink = {
      ingestBatch: (advisories) =>
        advisories.length > 30 ? Promise.reject(transient("UNIT_TIMEOUT", "too long")) : sink.ingestBatch(advisories),
    };
    const counts = await importOsv({ ...context(slow).options, records: generateOsv({ count: 250 }), batchSize: 100 });
    expect(counts).toMatchObject({ read: 250, inserted: 250 });
    expect(sink.batches).toEqual([25, 25, 25, 25, ...Array.from({ length: 6 }, () => 25)]);
  });

  test("an aborted import ends between batches, keeps what was handed over, and a second run finishes", async () => {
    const sink = memory();
    const { options } = context(sink);
    const controller = new AbortController();
    const reason = new Error("stop");
    const records = [...generateOsv({ count: 100 })];
    const onProgress = ({ read }: ImportProgress) => read === 40 && controller.abort(reason);
    const run = importOsv({ ...options, records, batchSize: 20, signal: controller.signal, onProgress });
    await expect(run).rejects.toBe(reason);
    expect(sink.batches).toEqual([20, 20]);
    expect(await importOsv({ ...options, records, batchSize: 20 })).toMatchObject({ inserted: 60, unchanged: 40 });
  });

  test("already aborted: nothing is read", async () => {
    const sink = memory();
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(importOsv({ ...context(sink).options, records: [record("A-1")], signal })).rejects.toThrow("stop");
    expect(sink.batches).toEqual([]);
  });

  test("what ingestBatch throws ends the import", async () => {
    const failing: AdvisorySink = { ingestBatch: () => Promise.reject(new Error("the database is gone")) };
    await expect(importOsv({ ...context(failing).options, records: [record("A-1")] })).rejects.toThrow("is gone");
  });

  test("no feed at the path", async () => {
    const run = importOsv({ ...context(memory()).options, path: join(folder, "missing") });
    expect(codeOf(await run.catch((error: unknown) => error))).toBe("FEED_NOT_FOUND");
  });
});

test("every record is counted once, and a second run of distinct ids writes nothing", async () => {
  const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
  const broken = fc.array(fc.constantFrom<unknown>(null, 7, {}, { id: "X-1" }, record("X-2", "never")), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(distinct, broken, fc.integer({ min: 1, max: 50 }), async (numbers, bad, batchSize) => {
      const records = [...numbers.map((n) => record(`A-${n}`)), ...bad];
      const sink = memory();
      const { options } = context(sink);
      const first = await importOsv({ ...options, records, batchSize });
      const { read, inserted, updated, unchanged, superseded, refused } = first;
      expect(inserted + updated + unchanged + superseded + refused).toBe(read);
      expect([read, inserted, refused]).toEqual([records.length, numbers.length, bad.length]);
      expect(await importOsv({ ...options, records, batchSize })).toMatchObject({ inserted: 0, updated: 0 });
    }),
    { numRuns: 60 },
  );
});

const feed = process.env["STELLA_TEST_FEED"];
// Only where a feed is named; elsewhere there is no such test, rather than one that is skipped.
test.each(feed === undefined ? [] : [feed])("the feed %s maps whole, and again without a write", async (path) => {
  const sink = memory();
  const { options, refused } = context(sink);
  const first = await importOsv({ ...options, path });
  expect(refused).toEqual([]);
  expect(first.inserted).toBe(first.read);
  expect(await importOsv({ ...options, path })).toMatchObject({ inserted: 0, updated: 0 });
});
