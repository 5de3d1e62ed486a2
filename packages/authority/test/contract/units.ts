import type { AuthorityRepositories } from "@stellaops/authority";
import { outcomeOf } from "@stellaops/testkit";
import { testRegister, type Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, license, newId, noon, role, token, user } from "../samples.ts";

/** Several verbs as one unit of work, and what the register keeps of them. */
export function unitsContract(rig: () => Rig<AuthorityRepositories>): void {
  const acme = () => rig().at("acme");

  describe("transaction", () => {
    it("transaction.commit: stores all, and sees its own writes", async () => {
      const [one, held, bought] = [user(), role(), license()];
      const seen = await acme().transaction(async ({ users, roles, licenses }) => {
        await roles.put(held, 0n);
        await users.put(one, 0n);
        await users.grantRole({ userId: one.id, roleId: held.id, grantedBy: "root", expiresAt: null, at: noon });
        await licenses.put(bought, 0n);
        const asked = { licenseKey: bought.licenseKey, metric: "scans", period: "p", at: noon };
        await licenses.consume({ ...asked, n: 2n });
        return [(await users.get(one.id))?.roles.length, await licenses.consume({ ...asked, n: 3n })];
      });
      expect(seen).toEqual([1, { used: 5n, left: 95n }]);
      expect(await acme().licenses.get(bought.id)).toMatchObject({ usage: [{ used: 5n }], revision: 3n });
    });

    it("transaction.rollback: stores nothing of a unit that fails", async () => {
      const [held, bought] = [role(), license({ limits: { scans: 1 } })];
      await acme().licenses.put(bought, 0n);
      const consume = { licenseKey: bought.licenseKey, metric: "scans", period: "p", n: 1n, at: noon };
      const unit = acme().transaction(async ({ roles, licenses }) => {
        await roles.put(held, 0n);
        await licenses.consume(consume);
        await licenses.consume(consume);
      });
      expect(await outcomeOf(() => unit)).toMatchObject({ error: "LICENSE_EXHAUSTED" });
      expect(await acme().roles.get(held.id)).toBeNull();
      expect(await acme().licenses.get(bought.id)).toMatchObject({ usage: [], revision: 1n });
    });
  });

  describe("register", () => {
    it("register.entries: one entry a key that was changed, none without a register", async () => {
      const [one, held, gone] = [user(), role(), token({ expiresAt: day(-1) })];
      await acme().users.put(one, 0n);
      await acme().roles.put(held, 0n);
      await acme().tokens.put(gone, 0n);
      await acme().users.grantRole({ userId: one.id, roleId: held.id, grantedBy: "root", expiresAt: null, at: noon });
      await acme().roles.delete(held.id, 1n, { at: noon });
      await acme().tokens.revokeBySubject("ada", { at: noon, reason: "x", limit: 10 });
      await acme().tokens.purgeExpired(noon, 10);
      await acme().users.recordFailure({ userId: one.id }, { threshold: 1, lockForMs: 1 }, noon);
      await acme().users.recordFailure({ userId: newId() }, { threshold: 1, lockForMs: 1 }, noon);
      const entry = { tenantId: "acme", ...testRegister };
      expect(await rig().register()).toEqual(
        rig().registered
          ? [
              { ...entry, aggregate: "roles", id: held.id, revision: 2n, deleted: true },
              { ...entry, aggregate: "tokens", id: gone.id, revision: 3n, deleted: true },
              { ...entry, aggregate: "users", id: one.id, revision: 4n, deleted: false },
            ]
          : [],
      );
    });
  });
}
