import { Cursors, limitOf, normalisePart, pageOf, type Known, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { advisories, type Advisory } from "../aggregates.ts";
import { cleanAlias, cleanPackage } from "../domain/arguments.ts";
import { ingest } from "../domain/ingest.ts";
import { searchWords } from "../domain/search-words.ts";
import type { Advisories, PackageRef } from "../repositories/advisories.ts";
import type { DB } from "./generated/database.ts";

const { statement, change, byKey, list, whole, ...verbs } = table<DB, "advisories", typeof advisories>(advisories);

const ofKey = byKey<{ advisoryKey: string }>("advisoryKey");

const known = statement<{ keys: readonly string[] }>()((db, { tenant, keys }) =>
  db
    .selectFrom("advisories")
    .select(["id", "revision", "created_at", "advisory_key", "content_hash"])
    .where("tenant_id", "=", tenant)
    .where(sql<boolean>`advisory_key = any(${keys}::text[])`),
);

const ofAlias = list<{ scheme: string; value: string }>()("findByAlias", {
  order: ["advisoryKey"],
  where: (query, { scheme, value }) =>
    query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("advisory_aliases as child")
          .select("child.value")
          .whereRef("child.tenant_id", "=", "advisories.tenant_id")
          .whereRef("child.advisory_id", "=", "advisories.id")
          .where("child.scheme", "=", scheme)
          .where("child.value", "=", value),
      ),
    ),
});

const ofPurl = list<{ purl: string }>()("findByPackage", {
  order: ["advisoryKey"],
  where: (query, { purl }) =>
    query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("advisory_affected as child")
          .select("child.purl")
          .whereRef("child.tenant_id", "=", "advisories.tenant_id")
          .whereRef("child.advisory_id", "=", "advisories.id")
          .where("child.purl", "=", purl),
      ),
    ),
});

const ofPackage = list<{ ecosystem: string; package: string }>()("findByPackage", {
  order: ["advisoryKey"],
  where: (query, params) =>
    query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("advisory_affected as child")
          .select("child.package")
          .whereRef("child.tenant_id", "=", "advisories.tenant_id")
          .whereRef("child.advisory_id", "=", "advisories.id")
          .where("child.ecosystem", "=", params.ecosystem)
          .where("child.package", "=", params.package),
      ),
    ),
});

const modifiedSince = list<{ since: Date }>()("listModifiedSince", {
  order: ["modifiedAt"],
  where: (query, { since }) => query.where("advisories.modified_at", ">=", since),
});

interface Search {
  readonly query: string;
  readonly at: string;
  readonly id: string;
  readonly of: string;
  readonly limit: number;
}
/** Through the reviewed function: `@@` under the policies cannot use the index (see 002_search.sql). */
const search = statement<Search>()((db, { query, at, id, of, limit }) =>
  db
    .selectFrom("advisories")
    .innerJoin(
      sql<{
        tenant_id: string;
        id: string;
      }>`vuln_app.search_advisories(${query}::tsquery, ${at}::timestamptz, ${id}::uuid, ${of}::text, ${limit}::integer)`.as(
        "found",
      ),
      (join) => join.onRef("found.tenant_id", "=", "advisories.tenant_id").onRef("found.id", "=", "advisories.id"),
    )
    .select(whole)
    .orderBy("advisories.modified_at", "desc")
    .orderBy("advisories.id", "desc")
    .orderBy("advisories.tenant_id", "desc"),
);
const newest = ["infinity", "ffffffff-ffff-ffff-ffff-ffffffffffff", "\u{10ffff}"];

const withdraw = change<{ advisoryKey: string; at: Date }>()((db, { tenant, advisoryKey, at }) =>
  db
    .updateTable("advisories")
    .set(({ eb }) => ({ withdrawn_at: at, updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where("advisory_key", "=", advisoryKey)
    .where("withdrawn_at", "is", null)
    .returning(["id", "revision"]),
);

export class PostgresAdvisories extends PostgresRepository<typeof advisories> implements Advisories {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async ingestBatch(batch: readonly Advisory[]) {
    return ingest(batch, {
      known: (keys) => this.#known(keys),
      write: (plan) => this.atomically((repository) => repository.writeAll(plan)),
    });
  }

  async findByKey(advisoryKey: string) {
    return this.first(ofKey, normalisePart(advisories, { advisoryKey }));
  }

  async findByAlias(scheme: string, value: string, request: PageRequest = {}) {
    return this.page(ofAlias, cleanAlias({ scheme, value }), request);
  }

  async findByPackage(reference: PackageRef, request: PageRequest = {}) {
    const affected = cleanPackage(reference);
    return "purl" in affected ? this.page(ofPurl, affected, request) : this.page(ofPackage, affected, request);
  }

  async search(text: string, request: PageRequest = {}) {
    const words = searchWords(text);
    const limit = limitOf(request);
    const cursors = new Cursors("vuln", "advisories", "search", this.unit.tenant, { words });
    const [at = "", id = "", of = ""] = cursors.decode(request.after, 3) ?? newest;
    if (words.length === 0) return { items: [], next: null };
    const query = words.map((word) => `'${word}'`).join(" & ");
    const found = await this.many(search, { query, at, id, of, limit: limit + 1 });
    return pageOf(found, limit, (last) => cursors.encode([last.modifiedAt.toISOString(), last.id, last.tenantId]));
  }

  async listModifiedSince(at: Date, request: PageRequest = {}) {
    const since = normalisePart(advisories, { modifiedAt: at }).modifiedAt;
    return this.page(modifiedSince, { since }, request);
  }

  async withdraw(key: string, at: Date) {
    const { advisoryKey, withdrawnAt } = normalisePart(advisories, { advisoryKey: key, withdrawnAt: at });
    return (await this.changed(withdraw, { advisoryKey, at: withdrawnAt ?? at })).length === 1;
  }

  async #known(keys: readonly string[]): Promise<readonly Known[]> {
    return (await this.rows(known, { keys })).map((row) => ({
      id: row.id,
      revision: BigInt(row.revision),
      createdAt: row.created_at,
      key: row.advisory_key,
      mark: row.content_hash,
    }));
  }
}
