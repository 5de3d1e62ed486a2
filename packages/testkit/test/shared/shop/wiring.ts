import { fileURLToPath } from "node:url";
import type { ModuleWiring } from "@stellaops/cutover/open";
import { alarms, audit, errands, goods, locks, orders } from "./aggregates.ts";
import type { ShopRepositories } from "./repositories.ts";

const reading = { get: "read", list: "read" } as const;
const common = { ...reading, put: "write", delete: "write" } as const;
const jobs = {
  ...common,
  claim: "write",
  heartbeat: "write",
  complete: "write",
  fail: "write",
  requeueExpired: "write",
} as const;

/** A module with one of everything that modules share. */
export const shop: ModuleWiring<ShopRepositories> = {
  name: "shop",
  schema: "shop",
  migrations: fileURLToPath(new URL("./migrations/", import.meta.url)),
  aggregates: [goods, orders, errands, alarms, locks, audit],
  verbs: {
    goods: {
      ...common,
      softDelete: "write",
      restore: "write",
      alter: "write",
      label: "write",
      appendGoods: "write",
      listNewest: "read",
    },
    orders: jobs,
    errands: { ...jobs, purge: "write" },
    alarms: { ...common, heartbeat: "write", claimDue: "write", advance: "write" },
    locks: { ...reading, acquire: "write", renew: "write", release: "write" },
    audit: { ...reading, append: "write", listByTarget: "read", purge: "write" },
  },
  postgres: () => import("./postgres.ts"),
  mongo: () => import("./mongo.ts"),
};
