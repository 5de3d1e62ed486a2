import { locksContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import type { SchedulerRepositories } from "../../src/index.ts";

export function locksContracts(rig: () => Rig<SchedulerRepositories>): void {
  locksContract({ name: "locks", locks: (tenant) => rig().at(tenant).locks });
}
