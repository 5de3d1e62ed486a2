import { auditContract } from "@stellaops/testkit";
import type { Contract } from "@stellaops/testkit/module";
import { goodsContract } from "./goods.ts";
import { shopJobs } from "./jobs.ts";
import { shopLocks } from "./locks.ts";
import type { ShopRepositories } from "./shop/repositories.ts";

export const contracts: readonly Contract<ShopRepositories>[] = [
  goodsContract,
  (rig) =>
    auditContract({ name: "audit", audit: (tenant) => rig().at(tenant).audit, registered: () => rig().registered }),
  shopLocks,
  shopJobs,
];
