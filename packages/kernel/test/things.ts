import {
  choice,
  count,
  definitions,
  folded,
  instant,
  int,
  json,
  list,
  listOf,
  numeric,
  secret,
  set,
  setOf,
  text,
  type AggregateOf,
  type Int8,
  type JsonColumn,
  type Numeric,
  type Timestamp,
} from "../src/index.ts";

/** The shapes that kysely-codegen would generate for the definition below. */
export interface DB {
  readonly things: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: Int8;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly thing_key: string;
    readonly name: string;
    readonly note: string | null;
    readonly kind: string;
    readonly token: string;
    readonly seen_at: Timestamp | null;
    readonly uses: Int8;
    readonly rank: number;
    readonly price: Numeric;
    readonly tags: string[];
    readonly steps: string[];
    readonly payload: JsonColumn;
  };
  readonly thing_labels: {
    readonly tenant_id: string;
    readonly thing_id: string;
    readonly label: string;
    readonly weight: Int8;
    readonly extra: JsonColumn;
  };
  readonly thing_notes: {
    readonly tenant_id: string;
    readonly thing_id: string;
    readonly ordinal: number;
    readonly body: string;
  };
}

/** One of every kind of field, a set and a list of children. */
export const things = definitions<DB>("trial").aggregate(
  "things",
  "thing",
  {
    thingKey: text(20),
    name: folded(20),
    note: text(20).orNull,
    kind: choice("plain", "odd"),
    token: secret(),
    seenAt: instant().orNull,
    uses: count(),
    rank: int(),
    price: numeric(2),
    tags: set(20),
    steps: list(20),
    payload: json(),
    labels: setOf("thing_labels", ["label"], { label: text(20), weight: count(), extra: json() }),
    notes: listOf("thing_notes", { body: text(20) }),
  },
  { unique: [["thingKey"]] },
);
export type Thing = AggregateOf<typeof things>;

export const thing: Thing = {
  id: "00000000-0000-7000-8000-000000000001",
  createdAt: new Date("2026-01-01T00:00:00.123Z"),
  updatedAt: new Date("2026-01-02T00:00:00.456Z"),
  thingKey: "T-1",
  name: "name",
  note: null,
  kind: "plain",
  token: "hidden words",
  seenAt: null,
  uses: 9_007_199_254_740_993n,
  rank: 1,
  price: "1.5",
  tags: ["a", "b"],
  steps: ["b", "a", "b"],
  payload: { a: 1 },
  labels: [{ label: "x", weight: 1n, extra: {} }],
  notes: [{ body: "first" }, { body: "second" }],
};
