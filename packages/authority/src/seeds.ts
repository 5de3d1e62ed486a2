import { GLOBAL, seed, type Seed } from "@stellaops/kernel";
import { roles, tenants, type Role, type Tenant } from "./aggregates.ts";

/** When this module was first written down: seeds are the same in every installation, to the millisecond. */
const at = new Date("2026-01-01T00:00:00.000Z");

const tenant = (id: string, displayName: string): Tenant => ({
  id,
  displayName,
  status: "active",
  settings: {},
  createdAt: at,
  updatedAt: at,
});

const role = (id: string, name: string, rest: Pick<Role, "displayName" | "description" | "scopes">): Role => ({
  id,
  name,
  ...rest,
  isSystem: true,
  createdAt: at,
  updatedAt: at,
});

/** What `migrations/S001_reference.sql` says for PostgreSQL. */
export const seeds: readonly Seed[] = [
  seed(tenants, "default", [tenant("019b7000-0000-7000-8000-000000000001", "Default")]),
  seed(tenants, "installation", [tenant("019b7000-0000-7000-8000-000000000002", "Installation")]),
  seed(roles, GLOBAL, [
    role("019b7000-0000-7000-8000-000000000011", "administrator", {
      displayName: "Administrator",
      description: "Manages tenants, users, clients and licenses.",
      scopes: ["authority:read", "authority:write", "policy:read", "policy:write", "scheduler:read", "scheduler:write"],
    }),
    role("019b7000-0000-7000-8000-000000000012", "operator", {
      displayName: "Operator",
      description: "Runs schedules and works on findings.",
      scopes: ["policy:read", "scheduler:read", "scheduler:write"],
    }),
    role("019b7000-0000-7000-8000-000000000013", "viewer", {
      displayName: "Viewer",
      description: "Reads, and changes nothing.",
      scopes: ["policy:read", "scheduler:read"],
    }),
  ]),
];
