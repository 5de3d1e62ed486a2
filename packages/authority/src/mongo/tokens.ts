import { limitOf, normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { tokens } from "../aggregates.ts";
import { cleanRedemption, notRedeemed } from "../domain/redemption.ts";
import { cleanRevoking, type Whose } from "../domain/revoking.ts";
import type { Redemption, Revoking, Tokens } from "../repositories/tokens.ts";

const verbs = table(tokens);

const ofSubject = verbs.list("listBySubject", { order: ["issuedAt"], direction: "desc" });

export class MongoTokens extends MongoRepository<typeof tokens> implements Tokens {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByReference(referenceHash: string) {
    return this.first(normaliseKey(tokens, { referenceHash }));
  }

  async redeemOnce(redemption: Redemption) {
    const { referenceHash, by, at } = cleanRedemption(redemption);
    const redeemed = { status: "redeemed", redeemedAt: at, redeemedBy: by, updatedAt: at } as const;
    const open = { referenceHash, status: "valid", expiresAt: { $gt: at } } as const;
    const token = await this.change(open, { $set: redeemed });
    if (token !== null) return { token, refused: null };
    const refused = notRedeemed(await this.first({ referenceHash }), this.unit.tenant, at);
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
    const { subject } = normaliseKey(tokens, { subject: of });
    return this.page(ofSubject, { subject }, { subject }, request);
  }

  async purgeExpired(before: Date, limit: number) {
    limitOf({ limit });
    normaliseKey(tokens, { expiresAt: before });
    return this.atomically(async (repository) => {
      const found = await repository.pick({ expiresAt: { $lt: before } }, [], {
        sort: { expiresAt: 1, id: 1 },
        limit,
      });
      await repository.writeAll({ remove: found });
      return found.length;
    });
  }

  /** What is chosen is chosen in the snapshot that it is changed in: another who redeems or revokes some of it makes this run again. */
  async #revoke(whose: Whose, how: Revoking) {
    const { name, of } = cleanRevoking(whose, how);
    const { at, reason, limit } = how;
    const revoked = { status: "revoked", revokedAt: at, revokedReason: reason, updatedAt: at } as const;
    return this.atomically(async (repository) => {
      const first = { sort: { issuedAt: 1, id: 1 }, limit } as const;
      const found = await repository.pick({ [name]: of, status: "valid" }, [], first);
      await repository.changeAll(found, { $set: revoked });
      return found.length;
    });
  }
}
