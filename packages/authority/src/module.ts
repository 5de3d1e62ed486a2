import { fileURLToPath } from "node:url";
import type { ModuleDefinition } from "@stellaops/kernel";
import {
  clients,
  licenses,
  loginAttempts,
  revocations,
  roles,
  scopes,
  serviceAccounts,
  tenants,
  tokens,
  users,
} from "./aggregates.ts";
import { seeds } from "./seeds.ts";

export const authority = {
  name: "authority",
  schema: "authority",
  migrations: fileURLToPath(new URL("../migrations/", import.meta.url)),
  aggregates: [tenants, users, roles, serviceAccounts, clients, scopes, tokens, revocations, loginAttempts, licenses],
  seeds,
} as const satisfies ModuleDefinition;
