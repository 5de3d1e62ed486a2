import { createHash } from "node:crypto";
import {
  canonicalJson,
  choice,
  count,
  definitions,
  flag,
  holdFields,
  instant,
  listOf,
  queue,
  setOf,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import type { DB } from "./database.ts";

const { aggregate } = definitions<DB>("press");

interface Content {
  readonly topic: string;
  readonly lines: readonly { readonly name: string; readonly body: string }[];
}
export const paperHash = ({ topic, lines }: Content): string =>
  createHash("sha256")
    .update(canonicalJson({ topic, lines: lines.map(({ name, body }) => ({ name, body })) }))
    .digest("hex");

/** Never changes once it is published; one draft or review of a topic, and one pinned of a code. */
export const papers = aggregate(
  "papers",
  "paper",
  {
    topic: text(100),
    code: text(100),
    status: choice("draft", "review", "published"),
    pinned: flag(),
    lines: setOf("paper_lines", ["name"], { name: text(100), body: text(100) }),
    notes: listOf("paper_notes", { body: text(100) }),
  },
  {
    unique: [
      { fields: ["topic"], where: { status: ["draft", "review"] } },
      { fields: ["code"], where: { pinned: [true] } },
    ],
    frozen: { status: "published" },
    derived: { contentHash: { field: text(64), from: paperHash } },
  },
);
export interface Paper extends AggregateOf<typeof papers> {}

/** Jobs whose fields have names of their own. */
export const parcels = aggregate(
  "parcels",
  "parcel",
  {
    status: choice("queued", "sending", "sent", "failed"),
    attempt: count(),
    nextAttemptAt: instant().orNull,
    error: text(1_000).orNull,
    ...holdFields,
  },
  {
    indexes: [
      ["status", "nextAttemptAt"],
      ["status", "leaseUntil"],
    ],
  },
);
export interface Parcel extends AggregateOf<typeof parcels> {}

export const parcelQueue = queue(parcels, {
  status: { ready: "queued", taken: "sending", done: "sent", failed: "failed" },
  due: "nextAttemptAt",
  attempts: "attempt",
  error: "error",
  maxAttempts: 3n,
});

/** Without a status of its own for what is claimed: the claim says it. */
export const bundles = aggregate(
  "bundles",
  "bundle",
  { state: choice("open", "flushing", "closed"), dueAt: instant().orNull, attempts: count(), ...holdFields },
  { indexes: [["dueAt"]] },
);
export interface Bundle extends AggregateOf<typeof bundles> {}

export const bundleQueue = queue(bundles, { due: "dueAt", set: { state: "flushing" } });
