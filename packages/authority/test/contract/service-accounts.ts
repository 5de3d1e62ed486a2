import type { Asked, AuthorityRepositories } from "@stellaops/authority";
import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { fresh, serviceAccount } from "../samples.ts";

export function serviceAccountsContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).serviceAccounts;
  repositoryContract({
    name: "serviceAccounts",
    repository: at,
    make: (id) => serviceAccount(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, displayName: "Another", allowedScopes: [], enabled: false }),
    twin: ({ accountId }) => serviceAccount({ accountId }),
    constraint: "uq_service_accounts_account_id",
    registered: () => rig().registered,
  });

  describe("serviceAccounts, particular", () => {
    it("serviceAccounts.authorize: all of the scopes or none, and says why not", async () => {
      const accountId = fresh("account");
      const ask = (over: Partial<Asked> = {}) =>
        at("acme").authorize({ accountId, clientId: "cli", scopes: ["policy:read"], ...over });
      expect(await ask()).toEqual({ refused: "missing", scopes: [] });
      await at("@global").put(serviceAccount({ accountId }), 0n);
      expect(await ask({ scopes: ["policy:write", "policy:read", "policy:write"] })).toEqual({
        refused: null,
        scopes: ["policy:read", "policy:write"],
      });
      expect(await ask({ clientId: "other" })).toEqual({ refused: "client", scopes: [] });
      expect(await ask({ scopes: ["z", "policy:read", "a"] })).toEqual({ refused: "scope", scopes: ["a", "z"] });
      expect(await ask({ scopes: [] })).toEqual({ refused: null, scopes: [] });
      // The tenant's own comes before the shared one, also where it allows less.
      await at("acme").put(serviceAccount({ accountId, enabled: false }), 0n);
      expect(await ask()).toEqual({ refused: "disabled", scopes: [] });
      expect(await outcomeOf(() => ask({ scopes: ["\0"] }))).toMatchObject({ error: "VALUE_NUL" });
      expect(await outcomeOf(() => ask({ clientId: 1 as never }))).toMatchObject({ family: "data" });
    });

    it("serviceAccounts.findByAccountId: gives the tenant's own before the shared one", async () => {
      const accountId = fresh("account");
      await at("@global").put(serviceAccount({ accountId }), 0n);
      expect(await at("acme").findByAccountId(accountId)).toMatchObject({ tenantId: "@global" });
      await at("acme").put(serviceAccount({ accountId }), 0n);
      expect(await at("acme").findByAccountId(accountId)).toMatchObject({ tenantId: "acme" });
      expect(await at("acme").findByAccountId("x")).toBeNull();
    });
  });
}
