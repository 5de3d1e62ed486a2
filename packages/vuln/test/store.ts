import type { Scope as ScopeOf } from "@stellaops/cutover";
import { GLOBAL, retryTransient, tenantId, type TenantId } from "@stellaops/kernel";
import type { Vuln, VulnRepositories } from "@stellaops/vuln";

export type Repositories = VulnRepositories;
export type Name = keyof Repositories;
export type Scope = ScopeOf<Repositories>;

/** The scopes of an opened module by name: `@global` is the shared one. */
export const scopesOfModule =
  (module: Vuln) =>
  (tenant: string): Scope =>
    tenant === GLOBAL ? module.shared() : module.tenant(tenant);

/** How one database runs a unit. */
export interface Runner {
  single<T>(tenant: TenantId, work: (repositories: Repositories) => Promise<T>): Promise<T>;
  transaction<T>(tenant: TenantId, work: (repositories: Repositories) => Promise<T>): Promise<T>;
}

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

/** One database with the module installed, seen through its repositories. */
export interface Rig {
  /** `@global` opens the shared scope. */
  at(tenant: string): Scope;
  /** Whether writes keep the register, as under a live stage. */
  readonly registered: boolean;
  /** In the order of aggregate, tenant, id. */
  register(): Promise<readonly Entry[]>;
  /** Empties every table. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

type Verb = (...args: readonly unknown[]) => Promise<unknown>;

/** The same as `openVuln` gives, over units that are made here. */
export function scopes(runner: Runner): (tenant: string) => Scope {
  const repository = (tenant: TenantId, name: Name) =>
    new Proxy(
      {},
      {
        get:
          (_, verb: string): Verb =>
          (...args) =>
            retryTransient(() =>
              runner.single(tenant, (bound) =>
                (bound[name] as unknown as Readonly<Record<string, Verb>>)[verb]!(...args),
              ),
            ),
      },
    );
  return (text) => {
    const tenant = text === GLOBAL ? GLOBAL : tenantId(text);
    return new Proxy({} as Scope, {
      get: (_, name: string) =>
        name === "transaction"
          ? (work: (bound: Repositories) => Promise<unknown>) => retryTransient(() => runner.transaction(tenant, work))
          : repository(tenant, name as Name),
    });
  };
}

export const testRegister = { module: "vuln", generation: 7n, pending: true, touched: () => {} };
