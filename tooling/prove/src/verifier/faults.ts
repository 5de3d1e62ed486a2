import { Int32 } from "mongodb";
import type { Rig } from "../rig.ts";
import type { Key } from "./fill.ts";

/** What one kind of fault does to keys of both databases, behind the back of the library, and what a comparison must say of each. */
export interface Fault {
  plant(rig: Rig, keys: readonly Key[]): Promise<unknown>;
  /** Class and paths. */
  readonly found: string;
}

const sql =
  (...texts: readonly string[]) =>
  async ({ sql: run }: Rig, keys: readonly Key[]): Promise<void> => {
    for (const text of texts)
      await run(text.replaceAll("AT", "id = any($1)").replaceAll("OF", "advisory_id = any($1)"), [
        keys.map(({ id }) => id),
      ]);
  };
const documents =
  (collection: string, change: object | null) =>
  async ({ mongo }: Rig, keys: readonly Key[]): Promise<void> => {
    const filter = {
      id: { $in: keys.map(({ id }) => id) },
      ...(collection === "register" ? { aggregate: "advisories" } : {}),
    };
    const of = mongo.db.collection(collection);
    if (change === null) await of.deleteMany(filter);
    else await of.updateMany(filter, change);
  };
const all =
  (...plants: readonly Fault["plant"][]): Fault["plant"] =>
  async (rig, keys) => {
    for (const plant of plants) await plant(rig, keys);
  };
const set = (field: string, value: unknown) => documents("advisories", { $set: { [field]: value } });

export const faults: Readonly<Record<string, Fault>> = {
  "a row and its entry gone": {
    plant: sql("delete from vuln.advisories where AT", "delete from cutover.register where AT"),
    found: "missing",
  },
  "a row gone": { plant: sql("delete from vuln.advisories where AT"), found: "missing register.deleted" },
  "a row too many": { plant: all(documents("advisories", null), documents("register", null)), found: "extra" },
  "a row lost on both": {
    plant: all(sql("delete from vuln.advisories where AT"), documents("advisories", null)),
    found: "missing register.deleted",
  },
  "another text": {
    plant: sql("update vuln.advisories set primary_id = primary_id || ' ' where AT"),
    found: "differing primaryId",
  },
  "a null for a value": { plant: set("publishedAt", null), found: "differing publishedAt" },
  "a millisecond": {
    plant: sql("update vuln.advisories set modified_at = modified_at + interval '1 millisecond' where AT"),
    found: "differing modifiedAt",
  },
  "another digit": {
    plant: sql("update vuln.advisory_cvss set base_score = 7.4 where OF"),
    found: "differing cvss.0.baseScore",
  },
  "another BSON type": { plant: set("revision", new Int32(1)), found: "unreadable revision" },
  "a field too many": { plant: set("colour", "red"), found: "undeclared colour" },
  "a field of a child too many": { plant: set("cvss.0.colour", "red"), found: "undeclared cvss.0.colour" },
  "a child gone": {
    plant: sql("delete from vuln.advisory_references where OF and ordinal = 1"),
    found: "differing references",
  },
  "children in another order": {
    plant: sql("update vuln.advisory_affected set versions = '{a,b}' where OF and ordinal = 1"),
    found: "differing affected.1.versions",
  },
  "another payload": {
    plant: sql("update vuln.advisories set raw = jsonb_set(raw, '{nested,a.b}', '0') where AT"),
    found: "differing raw",
  },
  "an older revision": {
    plant: all(set("revision", 2n), documents("register", { $set: { revision: 2n } })),
    found: "stale revision",
  },
  "a newer revision": {
    plant: sql("update vuln.advisories set revision = 2 where AT", "update cutover.register set revision = 2 where AT"),
    found: "ahead revision",
  },
  "a derived field wrong on both": {
    plant: all(
      documents("advisories", { $push: { searchWords: "zzz" } }),
      sql("update vuln.advisories set search_words = search_words || array['zzz'] where AT"),
    ),
    found: "differing searchWords",
  },
  "an entry behind its row": {
    plant: sql("update cutover.register set revision = 0 where AT"),
    found: "differing register.revision",
  },
  "a row without entry": { plant: sql("delete from cutover.register where AT"), found: "differing register" },
  "a tombstone for a live row": {
    plant: documents("register", { $set: { deleted: true } }),
    found: "differing register.deleted",
  },
};

/** No fault: a write that is still to be replicated. */
export const lag: Fault["plant"] = all(
  set("revision", 2n),
  documents("register", { $set: { revision: 2n, pending: true } }),
);
