import { describe, expect, expectTypeOf, it } from "vitest";
import {
  choice,
  compare,
  count,
  definitions,
  folded,
  isFree,
  jobFields,
  leaseOf,
  queue,
  rankOf,
  retryAt,
  softFields,
  text,
  uniqueFields,
  type Int8,
  type Timestamp,
} from "../src/index.ts";
import { thing, things } from "./things.ts";

const at = new Date("2026-01-02T12:00:00.000Z");
const after = (ms: number): Date => new Date(at.getTime() + ms);

describe("a backoff", () => {
  const rule = { baseMs: 1_000, maxMs: 5_000, attempts: 5 };
  it("grows with each attempt up to its most, and ends with the last", () => {
    const all = [1n, 2n, 3n, 4n, 5n, 6n].map((attempt) => retryAt(rule, attempt, at));
    expect(all).toEqual([after(1_000), after(2_000), after(4_000), after(5_000), null, null]);
  });
  it("grows by its factor, and gives whole milliseconds", () => {
    expect(retryAt({ ...rule, factor: 1.5, baseMs: 333 }, 3n, at)).toEqual(after(749));
    expect(retryAt({ ...rule, attempts: 2_000, factor: 10 }, 1_999n, at)).toEqual(after(5_000));
  });
  it.each([
    { attempts: 1.5 },
    { attempts: Number.NaN },
    { baseMs: -5 },
    { baseMs: Number.NaN },
    { maxMs: -1 },
    { maxMs: Infinity },
    { factor: 0.5 },
  ])("is none with %o", (wrong) => {
    expect(() => retryAt({ ...rule, ...wrong }, 1n, at)).toThrow(expect.objectContaining({ code: "BACKOFF_INVALID" }));
  });
});

describe("a lease", () => {
  it("ends after it begins", () => {
    expect(leaseOf({ at, until: after(1) })).toEqual({ at, until: after(1) });
    for (const until of [at, after(-1), new Date(Number.NaN), null])
      expect(() => leaseOf({ at, until: until as Date })).toThrow(expect.objectContaining({ code: "LEASE_INVALID" }));
  });
});

describe("a lock", () => {
  const request = { holder: "a", at };
  it("is free when released, run out, or the asker's own", () => {
    expect(isFree({ holder: null, expiresAt: null }, request)).toBe(true);
    expect(isFree({ holder: "b", expiresAt: at }, request)).toBe(true);
    expect(isFree({ holder: "a", expiresAt: after(1) }, request)).toBe(true);
    expect(isFree({ holder: "b", expiresAt: after(1) }, request)).toBe(false);
  });
});

interface DB {
  readonly tasks: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: Int8;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly name: string;
    readonly name_folded: string;
    readonly priority: string;
    readonly priority_rank: number;
    readonly status: string;
    readonly attempts: Int8;
    readonly lease_holder: string | null;
    readonly lease_until: Timestamp | null;
    readonly claim_id: string | null;
    readonly available_at: Timestamp;
    readonly last_error: string | null;
    readonly deleted_at: Timestamp | null;
    readonly deleted_by: string | null;
  };
}
const shape = {
  name: text(20),
  priority: choice("high", "low"),
  status: choice("open", "busy", "done", "dead"),
  ...jobFields,
  ...softFields,
};
const { aggregate } = definitions<DB>("trial");
const tasks = aggregate("tasks", "task", shape, {
  unique: [["nameFolded"]],
  derived: {
    nameFolded: { field: folded(20), of: "name", from: ({ name }) => name.toLowerCase() },
    priorityRank: rankOf("priority", ["high", "low"]),
  },
});

export const unknown = aggregate("tasks", "task", shape, {
  // @ts-expect-error a derived field of a key is one that is declared
  unique: [["nameFold"]],
  derived: {
    nameFolded: { field: folded(20), from: ({ name }) => name },
    priorityRank: { field: count(), from: () => 0n },
  },
});
export const notAll = () =>
  aggregate("tasks", "task", shape, {
    // @ts-expect-error a rank orders all members
    derived: { nameFolded: { field: folded(20), from: () => "" }, priorityRank: rankOf("priority", ["high"]) },
  });

const statuses = { ready: "open", taken: "busy", done: "done", failed: "dead" } as const;
// @ts-expect-error a queue's statuses are the aggregate's
export const otherStatus = () => queue(tasks, { due: "availableAt", status: { ...statuses, done: "finished" } });
// @ts-expect-error a row is due by an instant
export const otherDue = () => queue(tasks, { due: "name", status: statuses });

describe("definitions", () => {
  it("are soft by their fields, and name what a key is made of", () => {
    expect([tasks.soft, things.soft]).toEqual([true, false]);
    expect(uniqueFields(tasks, "uq_tasks_name_folded")).toEqual(["name"]);
    expect(uniqueFields(things, "uq_things_thing_key")).toEqual(["thingKey"]);
    expect(uniqueFields(tasks, "uq_other")).toBeUndefined();
    expectTypeOf(tasks.shape.deletedAt).toEqualTypeOf(softFields.deletedAt);
  });
  it("rank by the order that was given", () => {
    const { from } = tasks.derived["priorityRank"]!;
    expect([from({ priority: "high" } as never), from({ priority: "low" } as never)]).toEqual([0, 1]);
  });
  it("of queues name a rank that is derived", () => {
    const rules = { due: "availableAt", status: statuses } as const;
    expect(queue(tasks, { ...rules, rank: { field: "priorityRank", ranks: 2 } }).only).toEqual({ status: "open" });
    expect(() => queue(tasks, { ...rules, rank: { field: "rank", ranks: 2 } })).toThrow("derives no rank");
  });
  it("of queues name what counts claims and what tells the last error", () => {
    const rules = { due: "availableAt", status: statuses } as const;
    expect(queue(tasks, rules)).toMatchObject({ attempts: "attempts", error: "lastError", set: { status: "busy" } });
    const other = queue(tasks, { due: "availableAt", error: "deletedBy", set: { status: "busy", name: "x" } });
    expect(other).toMatchObject({ error: "deletedBy", only: {}, set: { status: "busy", name: "x" } });
    expect(() => queue(tasks, { ...rules, attempts: "tries" as never })).toThrow("no field tries");
  });
});

describe("a secret", () => {
  it("is not shown, not even as a digest", () => {
    expect(compare(things, thing, { ...thing, token: "other words" })).toEqual([
      { path: "token", left: "secret", right: "secret" },
    ]);
  });
});
