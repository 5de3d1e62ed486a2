import { locksContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";

export function locksContracts(rig: () => Rig<NotifyRepositories>): void {
  locksContract({ name: "locks", locks: (tenant) => rig().at(tenant).locks });
}
