import type { ModuleWiring, Scope, SystemRepositories, SystemWiring } from "@stellaops/cutover/open";

/** A module with a `system()` handle or without. */
export type AnyWiring<R, S extends SystemRepositories<S>> = ModuleWiring<R> | SystemWiring<R, S>;

/** A row of the register. */
export interface Entry {
  readonly aggregate: string;
  readonly tenantId: string;
  readonly id: string;
  readonly generation: bigint;
  readonly revision: bigint;
  readonly deleted: boolean;
  readonly pending: boolean;
}

/**
 * One database with a module installed, seen through its repositories: `R` maps their names to their interfaces, `S` those of its
 * `system()` handle where it has one.
 */
export interface Rig<R, S = object> {
  /** `@global` opens the shared scope. */
  at(tenant: string): Scope<R>;
  system(): Readonly<S>;
  /** Whether writes keep the register, as under a live stage. */
  readonly registered: boolean;
  /** In the order of aggregate, tenant, id. */
  register(): Promise<readonly Entry[]>;
  /** Empties every table, of seeds too. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly registered?: boolean;
}

/** What entries of the register carry where a rig is `registered`. */
export const testRegister = { generation: 7n, pending: true } as const;
