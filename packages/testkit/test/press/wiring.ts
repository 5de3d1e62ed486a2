import { fileURLToPath } from "node:url";
import type { ModuleWiring } from "@stellaops/cutover/open";
import { bundles, papers, parcels } from "./aggregates.ts";
import type { PressRepositories } from "./repositories.ts";

const common = { get: "read", list: "read", put: "write", delete: "write" } as const;

/** A module of what is frozen, unique among some, and claimed under other names. */
export const press: ModuleWiring<PressRepositories> = {
  name: "press",
  schema: "press",
  migrations: fileURLToPath(new URL("./migrations/", import.meta.url)),
  aggregates: [papers, parcels, bundles],
  verbs: {
    papers: { ...common, alter: "write", writePlan: "write" },
    parcels: {
      ...common,
      claim: "write",
      heartbeat: "write",
      complete: "write",
      fail: "write",
      requeueExpired: "write",
    },
    bundles: { ...common, heartbeat: "write", claimDue: "write", close: "write" },
  },
  postgres: () => import("./postgres.ts"),
  mongo: () => import("./mongo.ts"),
};
