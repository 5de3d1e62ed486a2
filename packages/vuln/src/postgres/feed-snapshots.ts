import { Cursors, limitOf, normalisePart, pageOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { feedSnapshots } from "../aggregates.ts";
import {
  addable,
  checksumOf,
  emptySnapshot,
  missingOrSealed,
  refuseFull,
  sealRaced,
  snapshotMissing,
} from "../domain/snapshots.ts";
import type { FeedSnapshots, Opening, SnapshotEntry } from "../repositories/feed-snapshots.ts";
import type { DB } from "./generated/database.ts";

const { change, whole, ...verbs } = table<DB, "feed_snapshots", typeof feedSnapshots>(feedSnapshots);

/** Goes before `grow`, so that its count is taken on a snapshot in which every earlier batch has committed. */
const lock = new Text("select from vuln.feed_snapshots where tenant_id = $1 and id = $2 for update");

const grow = change<{ id: string; at: Date; entries: string }>()((db, { tenant, id, at, entries }) =>
  db
    .updateTable("feed_snapshots")
    .set(({ eb }) => ({
      // What is there and not named again, and what is named: the size once the entries have followed.
      advisory_count: sql<string>`(select count(*) from vuln.advisory_snapshots c where c.tenant_id = ${tenant} and c.feed_snapshot_id = ${id}
        and not exists (select from json_to_recordset(${entries}::json) as e(advisory_key text) where e.advisory_key = c.advisory_key)) + json_array_length(${entries}::json)`,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("id", "=", id)
    .where("sealed_at", "is", null)
    .returning(["id", "revision", "advisory_count"]),
);

/** Follows `grow` in its transaction: the root is locked by then, and still open if and only if it was grown. */
const addEntries =
  new Text(`insert into vuln.advisory_snapshots (tenant_id, feed_snapshot_id, advisory_key, content_hash)
  select $1, $2, e.advisory_key, e.content_hash from json_to_recordset($3::json) as e(advisory_key text, content_hash text)
  where exists (select from vuln.feed_snapshots where tenant_id = $1 and id = $2 and sealed_at is null)
  on conflict (tenant_id, feed_snapshot_id, advisory_key) do update set content_hash = excluded.content_hash`);

const close = change<{ id: string; at: Date; checksum: string; expected: bigint }>()(
  (db, { tenant, id, at, checksum, expected }) =>
    db
      .updateTable("feed_snapshots")
      .set(({ eb }) => ({
        sealed_at: at,
        updated_at: at,
        checksum,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where("id", "=", id)
      .where("sealed_at", "is", null)
      .where(({ eb, ref }) => eb(ref("revision"), "=", sql<string>`${expected}`))
      .returning(whole),
);

/** Entries of one snapshot after a key: the tenant's own, or of the shared one where it has none of that id. */
const entriesOf = (id: string): string => `select advisory_key, content_hash from vuln.advisory_snapshots
    where feed_snapshot_id = ${id} and advisory_key > $4
      and tenant_id = (select tenant_id from vuln.feed_snapshots where tenant_id in ($1, '@global') and id = ${id} order by tenant_id = $1 desc limit 1)`;
const differing = new Text(`select advisory_key, a.content_hash as before, b.content_hash as after
  from (${entriesOf("$2")}) a full join (${entriesOf("$3")}) b using (advisory_key)
  where a.content_hash is distinct from b.content_hash order by advisory_key limit $5`);

export class PostgresFeedSnapshots extends PostgresRepository<typeof feedSnapshots> implements FeedSnapshots {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async open(opening: Opening) {
    return this.put(emptySnapshot(opening), 0n);
  }

  async addAdvisories(id: string, entries: readonly SnapshotEntry[], at: Date) {
    const clean = addable(id, entries, at);
    const json = JSON.stringify(clean.map((e) => ({ advisory_key: e.advisoryKey, content_hash: e.contentHash })));
    const { tenant } = this.unit;
    return this.atomically(async (repository) => {
      const [root] = await repository.changed(
        grow,
        { id, at, entries: json },
        {
          before: [lock.bind([tenant, id])],
          after: [addEntries.bind([tenant, id, json])],
        },
      );
      if (root === undefined) throw missingOrSealed(id, await repository.get(id));
      refuseFull(Number(root["advisory_count"]));
      return BigInt(String(root["revision"]));
    });
  }

  async seal(id: string, at: Date) {
    normalisePart(feedSnapshots, { sealedAt: at });
    const found = await this.get(id);
    if (found === null || found.tenantId !== this.unit.tenant) throw snapshotMissing(id);
    if (found.sealedAt !== null) return found;
    const checksum = checksumOf(found.advisories);
    const [sealed] = await this.change(close, { id, at, checksum, expected: found.revision });
    if (sealed === undefined) throw sealRaced(id);
    return sealed;
  }

  async diff(a: string, b: string, request: PageRequest = {}) {
    const [from, to] = [this.idOf(a), this.idOf(b)];
    const limit = limitOf(request);
    const cursors = new Cursors("vuln", "feed_snapshots", "diff", this.unit.tenant, { a, b });
    const [after = ""] = cursors.decode(request.after, 1) ?? [];
    const { rows } = await this.run(differing.bind([this.unit.tenant, from, to, after, limit + 1]));
    const changes = rows.map((row) => ({
      advisoryKey: String(row["advisory_key"]),
      before: row["before"] as string | null,
      after: row["after"] as string | null,
    }));
    return pageOf(changes, limit, ({ advisoryKey }) => cursors.encode([advisoryKey]));
  }
}
