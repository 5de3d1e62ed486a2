import type { Contract } from "@stellaops/testkit/module";
import { auditContract } from "./audit.ts";
import { goodsContract } from "./goods.ts";
import { jobsContract } from "./jobs.ts";
import { locksContract } from "./locks.ts";
import type { ShopRepositories } from "./shop/repositories.ts";

export const contracts: readonly Contract<ShopRepositories>[] = [
  goodsContract,
  auditContract,
  locksContract,
  jobsContract,
];
