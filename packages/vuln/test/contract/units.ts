import { outcomeOf } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { advisory, kevFlag, noon, source, sourceState } from "../samples.ts";
import { testRegister, type Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

/** Several verbs as one unit of work, and what the register keeps of them. */
export function unitsContract(rig: () => Rig<VulnRepositories>): void {
  const acme = () => rig().at("acme");

  describe("transaction", () => {
    it("transaction.commit: stores all, and sees its own writes", async () => {
      const [feed, one] = [source(), advisory()];
      const seen = await acme().transaction(async (repositories) => {
        await repositories.sources.put(feed, 0n);
        await repositories.advisories.ingestBatch([one]);
        const page = await repositories.advisories.search("bounds");
        return [await repositories.sources.get(feed.id), page.items.length];
      });
      expect(seen).toEqual([{ ...feed, revision: 1n, tenantId: "acme" }, 1]);
      expect(await acme().advisories.get(one.id)).not.toBeNull();
    });

    it("transaction.rollback: stores nothing of a unit that fails", async () => {
      const [feed, one] = [source(), advisory()];
      const unit = acme().transaction(async (repositories) => {
        await repositories.sources.put(feed, 0n);
        await repositories.advisories.ingestBatch([one]);
        throw new RangeError("changed my mind");
      });
      await expect(unit).rejects.toThrow(RangeError);
      expect(await acme().sources.get(feed.id)).toBeNull();
      expect(await acme().advisories.get(one.id)).toBeNull();
      expect(await rig().register()).toEqual([]);
    });

    it("transaction.retry: runs the whole again when another unit was faster, and loses no change", async () => {
      const state = sourceState();
      await acme().sourceStates.put(state, 0n);
      const bump = () =>
        acme().transaction(async ({ sourceStates, kevFlags }) => {
          await kevFlags.replaceAll([kevFlag({ cve: "A" })]);
          const failed = await sourceStates.recordFailure({
            sourceId: state.sourceId,
            error: "x",
            backoffUntil: null,
            at: noon,
          });
          return failed?.failures;
        });
      const counts = await Promise.all(Array.from({ length: 5 }, bump));
      expect(new Set(counts)).toEqual(new Set([1n, 2n, 3n, 4n, 5n]));
    });
  });

  describe("register", () => {
    it("register.entries: one entry a key that was changed, none without a register", async () => {
      const [kept, gone] = [source(), advisory()];
      await acme().sources.put(kept, 0n);
      await acme().sources.put({ ...kept, name: "x" }, 1n);
      await acme().advisories.ingestBatch([gone]);
      await acme().advisories.withdraw(gone.advisoryKey, noon);
      await acme().advisories.delete(gone.id, 2n);
      await outcomeOf(() => acme().sources.put(source({ key: kept.key }), 0n));
      await outcomeOf(() => acme().sources.put(kept, 1n));
      const { generation, pending } = testRegister;
      const entry = { tenantId: "acme", generation, pending };
      expect(await rig().register()).toEqual(
        rig().registered
          ? [
              { ...entry, aggregate: "advisories", id: gone.id, revision: 3n, deleted: true },
              { ...entry, aggregate: "sources", id: kept.id, revision: 2n, deleted: false },
            ]
          : [],
      );
    });
  });
}
