import type { ClaimRef, ClaimRequest } from "@stellaops/kernel";
import { PostgresClaims, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { digestQueue, digests, type Digest } from "../aggregates.ts";
import { after, closed, digestOf, itemOf, manyFull, maxItems } from "../domain/digests.ts";
import type { DigestItem, Digests, Gathered } from "../repositories/digests.ts";
import type { DB, JsonValue } from "./generated/database.ts";

const { statement, change, ...verbs } = table<DB, "digests", typeof digests>(digests);

type Place = Pick<Digest, "actionKey" | "window" | "windowStart">;

/** Its items are not given back: they are many. */
const append = change<Place & { item: string; at: Date }>()(
  (db, { tenant, actionKey, window, windowStart, item, at }) =>
    db
      .updateTable("digests")
      .set(({ eb }) => ({
        items: sql<JsonValue>`items || jsonb_build_array(${item}::jsonb)`,
        item_count: eb("item_count", "+", "1"),
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where("action_key", "=", actionKey)
      .where("window", "=", window)
      .where("window_start", "=", windowStart)
      .where("status", "=", "open")
      .where("item_count", "<", sql.lit(String(maxItems)))
      .returning(["id", "revision", "item_count"]),
);

/** Windows, from one on, that take no more. */
const full = statement<Place>()((db, { tenant, actionKey, window, windowStart }) =>
  db
    .selectFrom("digests")
    .select("window_start")
    .where("tenant_id", "=", tenant)
    .where("action_key", "=", actionKey)
    .where("window", "=", window)
    .where("window_start", ">=", windowStart)
    .where(({ eb, or }) => or([eb("status", "<>", "open"), eb("item_count", ">=", sql.lit(String(maxItems)))]))
    .orderBy("window_start")
    .limit(sql.lit(manyFull)),
);

export class PostgresDigests extends PostgresClaims<typeof digests> implements Digests {
  constructor(unit: Unit) {
    super(unit, verbs, digestQueue);
  }

  async addItem(item: DigestItem): Promise<Gathered> {
    let digest = digestOf(item);
    for (;;) {
      const { actionKey, window, windowStart } = digest;
      const place = { actionKey, window, windowStart };
      const [added] = await this.changed(append, { ...place, item: JSON.stringify(itemOf(digest)), at: item.at });
      if (added !== undefined) {
        const { id, item_count: count } = added;
        return { digestId: String(id), windowStart, itemCount: BigInt(String(count)), opened: false };
      }
      const next = after(
        digest,
        (await this.rows(full, place)).map((row) => new Date(row.window_start)),
      );
      if (next === null) {
        const { id } = await this.createOne(digest);
        return { digestId: id, windowStart, itemCount: 1n, opened: true };
      }
      digest = next;
    }
  }

  async flushDue(request: ClaimRequest) {
    return this.take(request);
  }

  async close(ref: ClaimRef, { at }: { readonly at: Date }) {
    return this.settle(ref, at, closed);
  }
}
