import type { ModuleDefinition } from "@stellaops/kernel";
import type { Unit as MongoUnit } from "@stellaops/mongo";
import type { Unit as PostgresUnit } from "@stellaops/postgres";

/** What a verb does: a write runs in a fenced unit of work, a read under a lease. */
export type VerbKind = "read" | "write";

/** Every verb of every repository; what is not named here cannot be called. */
export type Verbs<R> = { readonly [K in keyof R]: { readonly [V in keyof R[K]]: VerbKind } };

type Classes<R, U> = { readonly [K in keyof R]: new (unit: U) => R[K] };

/** A module as the machinery opens it: `R` maps the names of its repositories to their interfaces. */
export interface ModuleWiring<R> extends ModuleDefinition {
  readonly verbs: Verbs<R>;
  /** Loaded only when that database is used: a service on PostgreSQL never loads the MongoDB driver. */
  readonly postgres: () => Promise<{ readonly repositories: Classes<R, PostgresUnit> }>;
  readonly mongo: () => Promise<{ readonly repositories: Classes<R, MongoUnit> }>;
}
