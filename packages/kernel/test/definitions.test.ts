/**
 * What must not compile: a definition that disagrees with the generated database type. `tsc` checks it; each error is a sentence on the
 * field that disagrees. What is wrong only in its types runs without a complaint, which the test at the end shows.
 */
import { expect, test } from "vitest";
import { choice, count, definitions, instant, int, json, listOf, setOf, text } from "../src/index.ts";
import {
  meets,
  tenantId,
  type AggregateOf,
  type Int8,
  type JsonColumn,
  type TenantId,
  type Timestamp,
} from "../src/index.ts";

interface DB {
  readonly boxes: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: Int8;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly box_key: string;
    readonly note: string | null;
    readonly kind: string;
    readonly seen_at: Timestamp;
    readonly payload: JsonColumn;
  };
  readonly box_parts: {
    readonly tenant_id: string;
    readonly box_id: string;
    readonly name: string;
    readonly amount: Int8;
  };
  readonly box_steps: {
    readonly tenant_id: string;
    readonly box_id: string;
    readonly ordinal: number;
    readonly body: string;
  };
}
const { aggregate } = definitions<DB>("trial");

const rest = { note: text().orNull, kind: choice("a", "b"), seenAt: instant(), payload: json() } as const;
const parts = setOf("box_parts", ["name"], { name: text(), amount: count() });
const steps = listOf("box_steps", { body: text() });

export const right = aggregate("boxes", "box", { ...rest, boxKey: text(), parts, steps }, { unique: [["boxKey"]] });
type Box = AggregateOf<typeof right>;
export const box = (from: Box): { kind: "a" | "b"; note: string | null; amounts: bigint[] } => ({
  kind: from.kind,
  note: from.note,
  amounts: from.parts.map(({ amount }) => amount),
});

// @ts-expect-error column boxes.box_key is not described
export const missing = aggregate("boxes", "box", { ...rest });

// @ts-expect-error no column boxes.nickname
export const unknown = aggregate("boxes", "box", { ...rest, boxKey: text(), nickname: text() });

// @ts-expect-error column boxes.box_key has another nullability
export const nullable = aggregate("boxes", "box", { ...rest, boxKey: text().orNull });

// @ts-expect-error column boxes.note has another nullability
export const required = aggregate("boxes", "box", { ...rest, boxKey: text(), note: text() });

// @ts-expect-error column boxes.box_key has another type
export const instantForText = aggregate("boxes", "box", { ...rest, boxKey: instant() });

// @ts-expect-error column boxes.payload has another type
export const textForJson = aggregate("boxes", "box", { ...rest, boxKey: text(), payload: text() });

// @ts-expect-error no table boxen
export const noTable = aggregate("boxen", "box", { ...rest, boxKey: text() });

export const childColumnMissing = aggregate("boxes", "box", {
  ...rest,
  boxKey: text(),
  // @ts-expect-error column box_parts.amount is not described
  parts: setOf("box_parts", ["name"], { name: text() }),
});

export const childColumnUnknown = aggregate("boxes", "box", {
  ...rest,
  boxKey: text(),
  // @ts-expect-error no column box_parts.extra
  parts: setOf("box_parts", ["name"], { name: text(), amount: count(), extra: text() }),
});

export const childType = aggregate("boxes", "box", {
  ...rest,
  boxKey: text(),
  // @ts-expect-error column box_parts.amount has another type
  parts: setOf("box_parts", ["name"], { name: text(), amount: int() }),
});

export const childTable = aggregate("boxes", "box", {
  ...rest,
  boxKey: text(),
  // @ts-expect-error no table box_pieces
  parts: setOf("box_pieces", ["name"], { name: text(), amount: count() }),
});

// @ts-expect-error the key of a set is one of its fields
export const childKey = setOf("box_parts", ["title"], { name: text(), amount: count() });

// @ts-expect-error a unique key is made of fields
export const uniqueKey = aggregate("boxes", "box", { ...rest, boxKey: text() }, { unique: [["nickname"]] });

export const partial = aggregate(
  "boxes",
  "box",
  { ...rest, boxKey: text() },
  { unique: [{ fields: ["boxKey"], where: { kind: ["a"] } }], frozen: { kind: "b" } },
);
export const otherCondition = aggregate(
  "boxes",
  "box",
  { ...rest, boxKey: text() },
  // @ts-expect-error a condition is over one of the choice's members
  { unique: [{ fields: ["boxKey"], where: { kind: ["c"] } }] },
);
// @ts-expect-error a condition is over a choice or a flag
export const overText = aggregate("boxes", "box", { ...rest, boxKey: text() }, { frozen: { note: "x" } });

// @ts-expect-error a tenant is validated before it is one
export const tenant: TenantId = "acme";
export const validated: TenantId = tenantId("acme");

export const change = (from: Box): void => {
  // @ts-expect-error aggregates are not changed in place
  from.boxKey = "other";
  // @ts-expect-error nor are their children
  from.parts.push({ name: "x", amount: 1n });
};

test("a definition that agrees carries its shape, with what every aggregate has", () => {
  expect(Object.keys(right.shape)).toEqual([
    "id",
    "createdAt",
    "updatedAt",
    "note",
    "kind",
    "seenAt",
    "payload",
    "boxKey",
    "parts",
    "steps",
  ]);
  const told = { module: "trial", table: "boxes", one: "box", appendOnly: false, frozen: null };
  expect(right).toMatchObject({ ...told, unique: [{ fields: ["boxKey"], where: null }] });
});

test("a condition is one field with its values", () => {
  expect(partial.unique).toEqual([{ fields: ["boxKey"], where: { field: "kind", values: ["a"] } }]);
  expect(partial.frozen).toEqual({ field: "kind", values: ["b"] });
  expect([meets(partial.frozen!, { kind: "b" }), meets(partial.frozen!, { kind: "a" })]).toEqual([true, false]);
  const none = { fields: ["boxKey"], where: {} };
  expect(() => aggregate("boxes", "box", { ...rest, boxKey: text() }, { unique: [none as never] })).toThrow(
    "one field",
  );
});
