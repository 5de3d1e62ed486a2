import { claimsContract, jobsContract } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { parcelQueue } from "./aggregates.ts";
import { bundle, minute, newId, parcel, type PressRig } from "./samples.ts";

/** Queues whose fields have names of their own, and one whose claim says what it writes. */
export function queuesContract(rig: PressRig): void {
  const parcelsOf = (tenant: string) => rig().at(tenant).parcels;
  jobsContract({
    name: "parcels",
    jobs: parcelsOf,
    queue: parcelQueue,
    add: (tenant, { id, due }) => parcelsOf(tenant).put(parcel({ id, nextAttemptAt: due }), 0n),
    status: { ready: "queued", taken: "sending", done: "sent", failed: "failed" },
  });
  claimsContract({
    name: "bundles",
    verb: "claimDue",
    add: (tenant, { id, due }) =>
      rig()
        .at(tenant)
        .bundles.put(bundle({ id, dueAt: due }), 0n),
    claim: (tenant, request) => rig().at(tenant).bundles.claimDue(request),
    heartbeat: (tenant, ref, lease) => rig().at(tenant).bundles.heartbeat(ref, lease),
    settle: (tenant, ref, at) => rig().at(tenant).bundles.close(ref, at),
    get: (tenant, id) => rig().at(tenant).bundles.get(id),
  });

  describe("a queue with names of its own", () => {
    it("counts its claims, and fails for good in its own words after the last", async () => {
      const one = parcel();
      await parcelsOf("acme").put(one, 0n);
      for (const n of [1, 2, 3]) {
        const claim = { limit: 1, holder: "h", at: minute(2 * n), until: minute(2 * n + 1), claimId: newId() };
        expect(await parcelsOf("acme").claim(claim)).toMatchObject([{ id: one.id, attempt: BigInt(n) }]);
        expect(await parcelsOf("acme").requeueExpired(minute(2 * n + 1), 10)).toBe(1);
      }
      const after = { status: "failed", attempt: 3n, error: "the lease ran out", leaseHolder: null };
      expect(await parcelsOf("acme").get(one.id)).toMatchObject(after);
    });

    it("writes with the claim what the queue says", async () => {
      const { bundles } = rig().at("acme");
      const one = bundle();
      await bundles.put(one, 0n);
      const claim = { limit: 5, holder: "h", at: minute(1), until: minute(2), claimId: newId() };
      expect(await bundles.claimDue(claim)).toMatchObject([{ id: one.id, state: "flushing", attempts: 1n }]);
      expect(await bundles.get(one.id)).toMatchObject({ state: "flushing", revision: 2n });
    });
  });
}
