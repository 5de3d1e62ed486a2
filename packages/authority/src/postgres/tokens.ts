import { limitOf, normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { tokens } from "../aggregates.ts";
import { cleanRedemption, notRedeemed } from "../domain/redemption.ts";
import { cleanRevoking, type Whose } from "../domain/revoking.ts";
import type { Redemption, Revoking, Tokens } from "../repositories/tokens.ts";
import type { DB } from "./generated/database.ts";

const { statement, change, byKey, list, whole, ...verbs } = table<DB, "tokens", typeof tokens>(tokens);

const ofReference = byKey<{ referenceHash: string }>("referenceHash");

const ofSubject = list<{ subject: string }>()("listBySubject", {
  order: ["issuedAt"],
  direction: "desc",
  where: (query, { subject }) => query.where("tokens.subject", "=", subject),
});

const redeem = change<Redemption>()((db, { tenant, referenceHash, by, at }) =>
  db
    .updateTable("tokens")
    .set(({ eb }) => ({
      status: "redeemed",
      redeemed_at: at,
      redeemed_by: by,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("reference_hash", "=", referenceHash)
    .where("status", "=", "valid")
    .where("expires_at", ">", at)
    .returning(whole),
);

const columns = { subject: sql.ref("t.subject"), clientId: sql.ref("t.client_id") };

/**
 * The ids are one array, so that they are taken once; locked in one order, so that two who revoke wait and do not deadlock. Those that
 * another has just taken are passed over for the next, so that 0 means that there are none.
 */
const revoke = (name: keyof typeof columns) =>
  change<Revoking & { readonly of: string }>()((db, { tenant, of, at, reason, limit }) =>
    db
      .updateTable("tokens")
      .set(({ eb }) => ({
        status: "revoked",
        revoked_at: at,
        revoked_reason: reason,
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where(
        sql<boolean>`id = any(array(select t.id from authority.tokens t where t.tenant_id = ${tenant} and ${columns[name]} = ${of}
          and t.status = 'valid' order by t.issued_at, t.id limit ${limit} for update))`,
      )
      .returning(["id", "revision"]),
  );
const revokeOf = { subject: revoke("subject"), clientId: revoke("clientId") };

const expired = statement<{ before: Date; limit: number }>()((db, { tenant, before, limit }) =>
  db
    .selectFrom("tokens")
    .select(["id", "revision"])
    .where("tenant_id", "=", tenant)
    .where("expires_at", "<", before)
    .orderBy("expires_at")
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .skipLocked(),
);

export class PostgresTokens extends PostgresRepository<typeof tokens> implements Tokens {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByReference(referenceHash: string) {
    return this.first(ofReference, normaliseKey(tokens, { referenceHash }));
  }

  async redeemOnce(redemption: Redemption) {
    const { referenceHash, by, at } = cleanRedemption(redemption);
    const [token] = await this.change(redeem, { referenceHash, by, at });
    if (token !== undefined) return { token, refused: null };
    const refused = notRedeemed(await this.first(ofReference, { referenceHash }), this.unit.tenant, at);
    return { token: null, refused };
  }

  async revoke(tokenId: string, { at, reason }: Pick<Revoking, "at" | "reason">) {
    normaliseKey(tokens, { tokenId, revokedAt: at, revokedReason: reason });
    const revoked = { status: "revoked", revokedAt: at, revokedReason: reason, updatedAt: at } as const;
    return this.changeOne({ where: { tokenId, status: "valid" }, set: revoked });
  }

  async revokeBySubject(subject: string, how: Revoking) {
    return this.#revoke({ name: "subject", of: subject }, how);
  }

  async revokeByClient(clientId: string, how: Revoking) {
    return this.#revoke({ name: "clientId", of: clientId }, how);
  }

  async listBySubject(of: string, request: PageRequest = {}) {
    return this.page(ofSubject, normaliseKey(tokens, { subject: of }), request);
  }

  async purgeExpired(before: Date, limit: number) {
    limitOf({ limit });
    normaliseKey(tokens, { expiresAt: before });
    return this.atomically(async (repository) => {
      const found = await repository.rows(expired, { before, limit });
      await repository.writeAll({ remove: found.map(({ id, revision }) => ({ id, revision: BigInt(revision) })) });
      return found.length;
    });
  }

  async #revoke(whose: Whose, how: Revoking) {
    const { name, of } = cleanRevoking(whose, how);
    return (await this.changed(revokeOf[name], { ...how, of })).length;
  }
}
