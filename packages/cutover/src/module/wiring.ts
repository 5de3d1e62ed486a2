import type { ModuleDefinition } from "@stellaops/kernel";
import type { Unit as MongoUnit } from "@stellaops/mongo";
import type { Unit as PostgresUnit } from "@stellaops/postgres";

/** What a verb does: a write runs in a fenced unit of work, a read under a lease. */
export type VerbKind = "read" | "write";

/** Every verb of every repository; what is not named here cannot be called. */
export type Verbs<R> = { readonly [K in keyof R]: { readonly [V in keyof R[K]]: VerbKind } };

/** What a `system()` handle may answer: tenants with due work, and nothing of what is theirs. */
export type SystemRepositories<S> = {
  readonly [K in keyof S]: { readonly [V in keyof S[K]]: (...args: never[]) => Promise<readonly string[]> };
};

/** Every verb of every repository over all tenants; none of them writes. */
export type SystemVerbs<S> = { readonly [K in keyof S]: { readonly [V in keyof S[K]]: "read" } };

type Classes<R, U> = { readonly [K in keyof R]: new (unit: U) => R[K] };

/** What a module's folder of one database gives. */
export interface Loaded<R, U> {
  readonly repositories: Classes<R, U>;
  readonly system?: Readonly<Record<string, new (unit: U) => unknown>>;
}

interface SystemLoaded<R, S, U> extends Loaded<R, U> {
  readonly system: Classes<S, U>;
}

/** A module as the machinery opens it: `R` maps the names of its repositories to their interfaces. */
export interface ModuleWiring<R> extends ModuleDefinition {
  readonly verbs: Verbs<R>;
  /** Loaded only when that database is used: a service on PostgreSQL never loads the MongoDB driver. */
  readonly postgres: () => Promise<Loaded<R, PostgresUnit>>;
  readonly mongo: () => Promise<Loaded<R, MongoUnit>>;
  readonly system?: Readonly<Record<string, Readonly<Record<string, "read">>>>;
}

/** A module whose workers serve all tenants: `S` maps the names of the repositories of its `system()` handle to their interfaces. */
export interface SystemWiring<R, S extends SystemRepositories<S>> extends ModuleWiring<R> {
  readonly system: SystemVerbs<S>;
  readonly postgres: () => Promise<SystemLoaded<R, S, PostgresUnit>>;
  readonly mongo: () => Promise<SystemLoaded<R, S, MongoUnit>>;
}
