import { limitOf, normaliseKey } from "@stellaops/kernel";
import { tokens } from "../aggregates.ts";
import type { Revoking } from "../repositories/tokens.ts";

/** Whose tokens are revoked. */
export interface Whose {
  readonly name: "subject" | "clientId";
  readonly of: string;
}

/** @throws `VALUE_…`, `LIMIT_INVALID` (data) */
export function cleanRevoking(whose: Whose, { at, reason, limit }: Revoking): Whose {
  limitOf({ limit });
  normaliseKey(tokens, { [whose.name as "subject"]: whose.of, revokedAt: at, revokedReason: reason });
  return whose;
}
