import { byBytes, normaliseKey } from "@stellaops/kernel";
import { serviceAccounts, type ServiceAccount } from "../aggregates.ts";
import type { Asked, Authorization } from "../repositories/service-accounts.ts";

/** The scopes sorted and each once. @throws `VALUE_…` (data) */
export function cleanAsked({ accountId, clientId, scopes }: Asked): Asked {
  const clean = { accountId, authorizedClients: [clientId], allowedScopes: scopes };
  return { accountId, clientId, scopes: normaliseKey(serviceAccounts, clean).allowedScopes.toSorted(byBytes) };
}

/** Whether a client may act for an account within these scopes: all of them, or nothing. */
export function authorization(account: ServiceAccount | null, { clientId, scopes }: Asked): Authorization {
  if (account === null) return { refused: "missing", scopes: [] };
  if (!account.enabled) return { refused: "disabled", scopes: [] };
  if (!account.authorizedClients.includes(clientId)) return { refused: "client", scopes: [] };
  const missing = scopes.filter((scope) => !account.allowedScopes.includes(scope));
  return missing.length === 0 ? { refused: null, scopes } : { refused: "scope", scopes: missing };
}
