import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { tokens } from "../aggregates.ts";
import type { NotRedeemed } from "../domain/redemption.ts";

export interface Redemption {
  /** As `hashReference` gives it. */
  readonly referenceHash: string;
  /** Who redeems, for the record. */
  readonly by: string;
  readonly at: Date;
}

/** The token to the one who won; to all others why not. */
export type Redeemed =
  | { readonly token: Stored<typeof tokens>; readonly refused: null }
  | { readonly token: null; readonly refused: NotRedeemed };

export interface Revoking {
  readonly at: Date;
  readonly reason: string;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** What was handed out. Only hashes are taken and stored: `referenceHash` is 64 hexadecimal digits (`SECRET_PLAIN`, data). */
export interface Tokens extends Repository<typeof tokens> {
  /** The tenant's own token of that reference, else the shared one, else null; in whatever state it is. */
  findByReference(referenceHash: string): Promise<Stored<typeof tokens> | null>;
  /**
   * Valid and not yet expired to redeemed: exactly one of any number of callers is given the token. The others are told why not, as it
   * was found after them.
   */
  redeemOnce(redemption: Redemption): Promise<Redeemed>;
  /** Valid to revoked. Null when the tenant has no valid token of that token id. */
  revoke(tokenId: string, how: Pick<Revoking, "at" | "reason">): Promise<Stored<typeof tokens> | null>;
  /**
   * Revokes valid tokens of the subject, oldest first and at most `limit` in one unit; answers how many. Call it until it answers 0: then
   * none is left that was issued before. @throws `LIMIT_INVALID` (data)
   */
  revokeBySubject(subject: string, how: Revoking): Promise<number>;
  /** The same for the client. */
  revokeByClient(clientId: string, how: Revoking): Promise<number>;
  /** In whatever state, newest `issuedAt` first, then id descending. */
  listBySubject(subject: string, request?: PageRequest): Promise<Page<Stored<typeof tokens>>>;
  /**
   * Deletes the tenant's own tokens that expired before the instant, in whatever state, at most `limit` in one unit; answers how many.
   * @throws `LIMIT_INVALID` (data)
   */
  purgeExpired(before: Date, limit: number): Promise<number>;
}
