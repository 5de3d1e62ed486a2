import type { Config } from "./schema.ts";

type ModuleConfig = NonNullable<NonNullable<Config["modules"]>[string]>;

interface SettingForm {
  readonly flag: string;
  /** `STELLA_<name>` for all modules, `STELLA_<MODULE>_<name>` for one. */
  readonly variable: string;
  readonly path: string;
  readonly inFile: (config: Config | ModuleConfig) => string | undefined;
  readonly what: string;
}

/** Every setting, with all the ways to give it: a flag, the environment, the file. */
export const settingForms = {
  postgresUrl: {
    flag: "--postgres-url",
    variable: "POSTGRES_URL",
    path: "postgres.url",
    inFile: ({ postgres }) => postgres?.url,
    what: "PostgreSQL as services log in: a member of <module>_app that owns nothing",
  },
  postgresAdminUrl: {
    flag: "--postgres-admin-url",
    variable: "POSTGRES_ADMIN_URL",
    path: "postgres.adminUrl",
    inFile: ({ postgres }) => postgres?.adminUrl,
    what: "PostgreSQL for migrations: a member of <module>_owner; to provision, one that may create roles",
  },
  replicatorUrl: {
    flag: "--replicator-url",
    variable: "REPLICATOR_URL",
    path: "postgres.replicatorUrl",
    inFile: ({ postgres }) => postgres?.replicatorUrl,
    what: "PostgreSQL for stage, backfill and compare: stella_replicator, which sees the rows of all tenants",
  },
  mongodbUrl: {
    flag: "--mongodb-url",
    variable: "MONGODB_URL",
    path: "mongodb.url",
    inFile: ({ mongodb }) => mongodb?.url,
    what: "MongoDB, a replica set",
  },
  mongodbDatabase: {
    flag: "--mongodb-database",
    variable: "MONGODB_DATABASE",
    path: "mongodb.database",
    inFile: ({ mongodb }) => mongodb?.database,
    what: "the module's database there; left out, the one in the URL, else the module's name",
  },
} as const satisfies Record<string, SettingForm>;

export type SettingName = keyof typeof settingForms;
export const settingNames = Object.keys(settingForms) as readonly SettingName[];
