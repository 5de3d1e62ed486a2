import { describe, expect, it } from "vitest";
import { definitions, instant, purgeOf, text, type Timestamp } from "../src/index.ts";
import { refusal } from "./refusal.ts";

interface DB {
  readonly notes: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: never;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly body: string;
    readonly said_at: Timestamp;
  };
}
const { aggregate } = definitions<DB>("trial");
const shape = { body: text(), saidAt: instant() };
const notes = aggregate("notes", "a_note", shape, { retain: { by: "saidAt", least: 30 }, indexes: [["body"]] });
const noon = new Date("2026-03-01T12:00:00.000Z");
const ask = { at: noon, keepDays: 30, limit: 1 };

describe("the rule `retain`", () => {
  it("brings the index that a purge reads, once, and none where there is no rule", () => {
    expect(notes).toMatchObject({ retain: { by: "saidAt", least: 30 }, indexes: [["body"], ["saidAt"]] });
    const twice = aggregate("notes", "note", shape, {
      retain: { by: "createdAt", least: 1 },
      indexes: [["createdAt"]],
    });
    expect(twice.indexes).toEqual([["createdAt"]]);
    expect(aggregate("notes", "note", shape)).toMatchObject({ retain: null, indexes: [] });
  });

  it("names an instant and whole days", () => {
    const by = (rule: { readonly by: "saidAt" | "body"; readonly least: number }) => () =>
      aggregate("notes", "note", shape, { retain: rule });
    expect(by({ by: "body", least: 30 })).toThrow("retain: body is no instant");
    for (const least of [0, -1, 1.5, Number.NaN]) expect(by({ by: "saidAt", least })).toThrow(/whole number of days/);
    // @ts-expect-error there is no such field
    expect(() => aggregate("notes", "note", shape, { retain: { by: "nothing", least: 1 } })).toThrow(/no instant/);
  });
});

describe("what a purge takes", () => {
  it("ends so many times 24 hours before, and never before the first instant that is stored", () => {
    const before = new Date("2026-01-30T12:00:00.000Z");
    expect(purgeOf(notes, ask)).toEqual({ by: "saidAt", least: 30, before, limit: 1 });
    const first = new Date("0001-01-01T00:00:00.000Z");
    for (const keepDays of [1_000_000, Number.MAX_SAFE_INTEGER])
      expect(purgeOf(notes, { ...ask, keepDays }).before).toEqual(first);
  });

  it("is refused with what to do about it", () => {
    const refused = refusal(() => purgeOf(notes, { ...ask, keepDays: 29 }));
    expect(refused).toMatchObject({ code: "RETENTION_TOO_SHORT", family: "data", path: "keepDays" });
    expect(refused.message).toBe(
      "purge of a note: keepDays is a whole number, at least 30, not 29; a shorter time is decided in the rule `retain` and its migration",
    );
    expect(refusal(() => purgeOf(notes, { ...ask, at: "now" as never }))).toMatchObject({
      code: "VALUE_DATE",
      path: "at",
    });
    expect(refusal(() => purgeOf(notes, { ...ask, limit: 1_001 }))).toMatchObject({ code: "LIMIT_INVALID" });
    expect(() => purgeOf(aggregate("notes", "note", shape), ask)).toThrow("notes has no rule `retain`");
  });
});
