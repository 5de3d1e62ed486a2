import { auditContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import type { PolicyRepositories } from "../../src/index.ts";

export function auditContracts(rig: () => Rig<PolicyRepositories>): void {
  auditContract({ name: "audit", audit: (tenant) => rig().at(tenant).audit, registered: () => rig().registered });
}
