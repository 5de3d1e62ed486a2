import { programming, type ModuleDefinition } from "@stellaops/kernel";

/** What the migrator knows of a module. */
export type MigrationModule = Pick<ModuleDefinition, "name" | "schema" | "migrations">;

export interface ModuleRoles {
  /** Owns the schema and runs migrations; never logs in. */
  readonly owner: string;
  /** What services are: owns nothing. */
  readonly app: string;
}

/** Reads and writes past row level security: data migrations, backfill, comparison. */
export const replicatorRole = "stella_replicator";

export const rolesOf = (module: MigrationModule): ModuleRoles => ({
  owner: `${module.name}_owner`,
  app: `${module.name}_app`,
});

const form = /^[a-z][a-z0-9_]{0,40}$/;

/** Names of modules and schemas go into SQL and into role names, so that only plain ones are let through. */
export function checkModule(module: MigrationModule): void {
  for (const name of [module.name, module.schema])
    if (!form.test(name))
      throw programming(
        "MODULE_NAME_INVALID",
        `"${name}" is no module or schema name: a-z, 0-9 and "_", at most 41 characters`,
      );
}

/** A plain identifier, quoted because some plain words are reserved. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
