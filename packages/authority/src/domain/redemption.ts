import { normaliseKey, type Stored } from "@stellaops/kernel";
import { tokens, type Token } from "../aggregates.ts";
import type { Redemption } from "../repositories/tokens.ts";

/** Why a token cannot be redeemed at an instant; null where it can. */
export function refusalOf(token: Pick<Token, "status" | "expiresAt"> | null, at: Date): NotRedeemed | null {
  if (token === null) return "missing";
  if (token.status !== "valid") return token.status;
  return token.expiresAt.getTime() > at.getTime() ? null : "expired";
}
/** `missing`: the tenant itself has none of that reference. */
export type NotRedeemed = "missing" | "redeemed" | "revoked" | "expired";

/** A redemption as both databases will be asked for it. @throws `VALUE_…`, `SECRET_PLAIN` (data) */
export function cleanRedemption({ referenceHash, by, at }: Redemption): Redemption {
  normaliseKey(tokens, { referenceHash, redeemedBy: by, redeemedAt: at });
  return { referenceHash, by, at };
}

/** What a caller is told who did not win. Nobody won where the token became redeemable meanwhile: it counts as not there when it was asked for. */
export const notRedeemed = (found: Stored<typeof tokens> | null, tenant: string, at: Date): NotRedeemed =>
  refusalOf(found?.tenantId === tenant ? found : null, at) ?? "missing";
