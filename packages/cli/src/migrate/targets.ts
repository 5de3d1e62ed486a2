import { collectionsOf, mongoSchema, postgresSchema } from "@stellaops/cutover";
import type { MigrationModule, MongoSchema } from "@stellaops/migrator";
import { moduleNames, modulesOf } from "../modules.ts";

export type Backend = "postgres" | "mongo" | "all";

/** One set of migrations: the cutover's own, which every module leans on, or a module's. */
export interface PostgresTarget {
  readonly set: MigrationModule;
  /** Whose connection it is applied over. */
  readonly module: string;
}

export interface MongoTarget {
  readonly set: MongoSchema;
  readonly module: string;
}

export interface Targets {
  readonly postgres: readonly PostgresTarget[];
  readonly mongo: readonly MongoTarget[];
}

/** What a module needs, in the order in which it is applied. `cutover` is the part that all of them share. */
export function targetsOf(name: string, backend: Backend): Targets {
  const modules = name === "cutover" ? [] : modulesOf(name);
  const names = name === "cutover" ? moduleNames : modules.map((module) => module.name);
  const [first = name] = names;
  const postgres = [
    { set: postgresSchema, module: first },
    ...modules.map((module) => ({ set: module, module: module.name })),
  ];
  const mongo = [
    ...names.map((module) => ({ set: mongoSchema, module })),
    ...modules.map((module) => ({ set: collectionsOf(module), module: module.name })),
  ];
  return { postgres: backend === "mongo" ? [] : postgres, mongo: backend === "postgres" ? [] : mongo };
}
