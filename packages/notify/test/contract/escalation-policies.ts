import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { EscalationPolicy, NotifyRepositories } from "../../src/index.ts";
import { escalationPolicy } from "../routing/samples.ts";
import { newId } from "../samples.ts";

export function escalationPoliciesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).escalationPolicies;
  repositoryContract({
    name: "escalationPolicies",
    repository: at,
    make: (id) => escalationPolicy(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, autoCloseMinutes: null, retry: { attempts: 3 } }),
    twin: ({ name }) => escalationPolicy({ name }),
    constraint: "uq_escalation_policies_name",
    registered: () => rig().registered,
  });

  describe("escalationPolicies, particular", () => {
    it("escalationPolicies.put: refuses stages that cannot be followed", async () => {
      const put = (over: Partial<EscalationPolicy>) => outcomeOf(() => at("acme").put(escalationPolicy(over), 0n));
      const refusal = { error: "ESCALATION_STAGES", family: "data" };
      expect(await put({ stages: [] })).toMatchObject({ ...refusal, path: "stages" });
      expect(await put({ stages: { 0: 1 } })).toMatchObject({ ...refusal, path: "stages" });
      const late = [{ delaySeconds: -1, channelIds: [newId()] }];
      expect(await put({ stages: late })).toMatchObject({ ...refusal, path: "stages.0.delaySeconds" });
      const close = { error: "VALUE_OUT_OF_RANGE", path: "autoCloseMinutes" };
      expect(await put({ autoCloseMinutes: 0 })).toMatchObject(close);
      expect(await at("acme").list()).toEqual({ items: [], next: null });
    });

    it("escalationPolicies.put: stores the channels of a stage sorted, each once", async () => {
      const [a, b] = [newId(), newId()].toSorted() as [string, string];
      const made = escalationPolicy({ stages: [{ channelIds: [b, a, b], delaySeconds: 5 }] });
      await at("acme").put(made, 0n);
      expect(await at("acme").get(made.id)).toMatchObject({ stages: [{ delaySeconds: 5, channelIds: [a, b] }] });
    });
  });
}
