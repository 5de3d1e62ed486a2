import { dataError, type Logger } from "@stellaops/kernel";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { settingForms } from "./config/names.ts";
import type { Settings } from "./config/settings.ts";

type PostgresLogin = "postgresUrl" | "postgresAdminUrl" | "replicatorUrl";

/** Connections of one command: opened when asked for, one a login, closed together. */
export class Connections {
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #connectTimeoutMs: number;
  readonly #open = new Map<string, Postgres | Mongo>();
  readonly #moduleAt = new Map<string, string>();

  constructor(settings: Settings, logger: Logger, connectTimeoutMs: number) {
    this.#settings = settings;
    this.#logger = logger;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  postgres(login: PostgresLogin, module: string): Postgres {
    const url = this.#settings.url(login, module);
    return this.#once(`${login} ${url}`, () =>
      openPostgres({
        url,
        connectTimeoutMs: this.#connectTimeoutMs,
        // A comparison or a backfill reads pages of whole tables.
        statementTimeoutMs: login === "postgresUrl" ? 30_000 : 600_000,
        logger: this.#logger,
      }),
    );
  }

  /** For migrations: the login meant for them, else the one of services, which may at least read the ledger. */
  migrationUrl(module: string): string {
    return this.#settings.get("postgresAdminUrl", module) === undefined
      ? this.#settings.url("postgresUrl", module)
      : this.#settings.url("postgresAdminUrl", module);
  }

  /** For roles and schemas: only the login meant for them. */
  adminUrl(module: string): string {
    return this.#settings.url("postgresAdminUrl", module);
  }

  mongo(module: string): Mongo {
    const url = this.#settings.url("mongodbUrl", module);
    const database = this.#settings.get("mongodbDatabase", module) ?? databaseOf(url) ?? module;
    const key = `${database} ${url}`;
    const other = this.#moduleAt.get(key) ?? module;
    if (other !== module) throw shared(database, other, module);
    this.#moduleAt.set(key, module);
    return this.#once(key, () =>
      readable(() => openMongo({ url, database, connectTimeoutMs: this.#connectTimeoutMs, logger: this.#logger })),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((one) => one.close()));
  }

  #once<T extends Postgres | Mongo>(key: string, open: () => T): T {
    const found = this.#open.get(key);
    if (found !== undefined) return found as T;
    const made = open();
    this.#open.set(key, made);
    return made;
  }
}

/** What the driver finds wrong may quote a piece of the password: only `--debug` shows it. @throws `CONFIG_URL` (data) */
function readable(open: () => Mongo): Mongo {
  try {
    return open();
  } catch (cause) {
    throw dataError(
      "CONFIG_URL",
      `the URL given for MongoDB (${settingForms.mongodbUrl.flag}) cannot be read: write it as mongodb://user:password@host:port/database?option=value, special characters percent-encoded; --debug says what is wrong with it`,
      { cause },
    );
  }
}

/** Two modules in one database would take each other's stage record and collections for their own. */
const shared = (database: string, other: string, module: string): Error =>
  dataError(
    "CONFIG_DATABASE_SHARED",
    `modules ${other} and ${module} would share MongoDB's database ${database}: leave the database out of STELLA_MONGODB_URL (then each module's is called as the module), or set STELLA_${module.toUpperCase()}_MONGODB_DATABASE`,
    { details: { database, modules: [other, module] } },
  );

/** The database in a MongoDB URL, where it names one. */
const databaseOf = (url: string): string | undefined => /^[^:]+:\/\/[^/?]+\/([^?]+)/.exec(url)?.[1];
