import type { Repository, Stored } from "@stellaops/kernel";
import type { serviceAccounts } from "../aggregates.ts";

export interface Asked {
  readonly accountId: string;
  /** Who asks on behalf of the account. */
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** `refused` is null where all was allowed; then `scopes` are those, sorted. Where a scope is not allowed, they are the missing ones. */
export interface Authorization {
  readonly refused: "missing" | "disabled" | "client" | "scope" | null;
  readonly scopes: readonly string[];
}

/** Programs that act for themselves, the tenant's own and the shared ones. */
export interface ServiceAccounts extends Repository<typeof serviceAccounts> {
  /** The tenant's own account of that id, else the shared one, else null. */
  findByAccountId(accountId: string): Promise<Stored<typeof serviceAccounts> | null>;
  /** Whether the client may act for the account within all of the scopes: one read, see `authorization`. */
  authorize(asked: Asked): Promise<Authorization>;
}
