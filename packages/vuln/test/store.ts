import { GLOBAL, retryTransient, tenantId, type TenantId } from "@stellaops/kernel";
import type { Advisories } from "../src/repositories/advisories.ts";
import type { FeedSnapshots } from "../src/repositories/feed-snapshots.ts";
import type { KevFlags } from "../src/repositories/kev-flags.ts";
import type { MergeEvents } from "../src/repositories/merge-events.ts";
import type { SourceStates } from "../src/repositories/source-states.ts";
import type { Sources } from "../src/repositories/sources.ts";

export interface Repositories {
  readonly sources: Sources;
  readonly sourceStates: SourceStates;
  readonly feedSnapshots: FeedSnapshots;
  readonly advisories: Advisories;
  readonly kevFlags: KevFlags;
  readonly mergeEvents: MergeEvents;
}
export type Name = keyof Repositories;

/** The repositories of one tenant; each verb is a unit of its own, run again on transient errors. */
export type Scope = Repositories & {
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
};

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

export function scopes(runner: Runner): (tenant: string) => Scope {
  const repository = (tenant: TenantId, name: Name) =>
    new Proxy({} as Readonly<Record<string, Verb>>, {
      get:
        (_, verb: string): Verb =>
        (...args) =>
          retryTransient(() =>
            runner.single(tenant, (bound) =>
              (bound[name] as unknown as Readonly<Record<string, Verb>>)[verb]!(...args),
            ),
          ),
    });
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
