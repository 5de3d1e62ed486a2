import { inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories, PackApproval } from "../../src/index.ts";
import { minute, newId } from "../samples.ts";
import { approval } from "../work/samples.ts";

const approvalOf = ({ at, ...given }: ReturnType<typeof approval>): PackApproval => ({
  ...given,
  state: "pending",
  decidedBy: null,
  decidedAt: null,
  reason: null,
  createdAt: at,
  updatedAt: at,
});

export function packApprovalsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).packApprovals;
  const acme = () => at("acme");
  const decision = (id: string, over = {}) => ({
    id,
    state: "approved" as const,
    by: "bob",
    reason: "reviewed",
    at: minute(1),
    ...over,
  });
  readerContract({
    name: "packApprovals",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, packId } = item as PackApproval;
      return at(tenant).request(approval({ id, packId }));
    },
    make: (id = newId()) => approvalOf(approval({ id })),
  });

  describe("packApprovals, particular", () => {
    it("packApprovals.request: one that is pending a version, however many ask at once", async () => {
      const given = approval();
      const made = { ...approvalOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().request(given)).toEqual({ approval: made, created: true });
      const { packId } = given;
      expect(await acme().request(approval({ packId, requestedBy: "eve" }))).toEqual({
        approval: made,
        created: false,
      });
      const many = await Promise.all(
        Array.from({ length: 8 }, () => acme().request(approval({ packId, version: "2.0.0" }))),
      );
      expect(many.filter(({ created }) => created)).toHaveLength(1);
      expect((await acme().list()).items).toHaveLength(2);
      expect(await at("umbrella").request(approval({ packId }))).toMatchObject({ created: true });
    });

    it("packApprovals.request: what was decided may be asked again; what is wrong is refused also while one is pending", async () => {
      const given = approval();
      await acme().request(given);
      const again = (over: object) => outcomeOf(() => acme().request({ ...given, ...over }));
      expect(await again({ requestedBy: null })).toMatchObject({ family: "data", path: "requestedBy" });
      expect(await again({ packId: "another" })).toMatchObject({ error: "REVISION_CONFLICT" });
      await acme().decide(decision(given.id, { state: "rejected" }));
      expect(await acme().request(approval({ packId: given.packId }))).toMatchObject({ created: true });
      expect(await acme().get(given.id)).toMatchObject({ state: "rejected" });
    });

    it("packApprovals.decide: once, however many decide at once", async () => {
      const { id } = (await acme().request(approval())).approval;
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          acme().decide(decision(id, { by: `judge ${i}`, state: i % 2 === 0 ? "approved" : "rejected" })),
        ),
      );
      const [won, ...others] = answers.filter((answer) => answer !== null);
      expect(others).toEqual([]);
      expect(won).toMatchObject({ decidedAt: minute(1), reason: "reviewed", updatedAt: minute(1), revision: 2n });
      expect(await acme().get(id)).toEqual(won);
      expect(await acme().decide(decision(id))).toBeNull();
    });

    it("packApprovals.decide: null for what is not the tenant's own; refuses what is no decision", async () => {
      const shared = (await at("@global").request(approval())).approval;
      expect(await acme().decide(decision(shared.id))).toBeNull();
      expect(await acme().decide(decision(newId()))).toBeNull();
      const own = (await acme().request(approval())).approval;
      const decide = (over: object) => outcomeOf(() => acme().decide(decision(own.id, over)));
      for (const state of ["pending", "perhaps", null])
        expect(await decide({ state })).toMatchObject({ error: "VALUE_CHOICE", path: "state" });
      expect(await decide({ by: null })).toMatchObject({ error: "VALUE_NULL", path: "decidedBy" });
      expect(await decide({ at: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
      expect(await acme().get(own.id)).toEqual(own);
    });

    it("packApprovals.listByState: newest first, own and shared", async () => {
      const made = await inTurn(
        [1, 3, 2],
        async (n) => (await acme().request(approval({ at: minute(n) }))).approval.id,
      );
      const shared = (await at("@global").request(approval({ at: minute(9) }))).approval.id;
      await acme().decide(decision(made[0]!));
      const ids = async (state: PackApproval["state"]) => (await acme().listByState(state)).items.map(({ id }) => id);
      expect(await ids("pending")).toEqual([shared, made[1], made[2]]);
      expect(await ids("approved")).toEqual([made[0]]);
      expect(await ids("rejected")).toEqual([]);
      expect(await outcomeOf(() => acme().listByState("x" as never))).toMatchObject({ error: "VALUE_CHOICE" });
    });
  });
}
