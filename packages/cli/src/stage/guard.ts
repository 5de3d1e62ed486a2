import type { Check, Guard } from "@stellaops/cutover";
import {
  collectionsOf,
  compareModule,
  guardOf,
  mongoSchema,
  mongoShadow,
  postgresSchema,
  postgresShadow,
  shadowsUntil,
} from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import { createMigrator, verifyMongo } from "@stellaops/migrator";
import type { Context } from "../context.ts";
import { compareProgress } from "../compare/progress.ts";
import { version } from "../version.ts";
import { confirm } from "./confirm.ts";
import type { StageOptions } from "./options.ts";
import { reachBoth, type Wired } from "./wiring.ts";

/** Both ends are epochs; the reads of all stays between them count. */
export interface Stays {
  readonly first: bigint;
  readonly last: bigint;
}

/** The guard of this module, with everything it asks, told check by check. */
export function guardFor(context: Context, wired: Wired, options: StageOptions, stays?: Stays): Guard {
  const { module, postgres, mongo, replicas, progress } = wired;
  const { terminal, signal } = context;
  const shadows = { postgres: postgresShadow(postgres.pool, module.name), mongo: mongoShadow(mongo.db) };
  return guardOf({
    module: module.name,
    replicas,
    progress,
    mongo: mongo.db,
    ...(options.dryRun === true ? { captureMs: 0 } : {}),
    ...(stays === undefined ? { shadows } : { shadows: shadowsUntil(shadows, stays.last), shadowSince: stays.first }),
    ...(options.minShadowReads === undefined ? {} : { minShadowReads: options.minShadowReads }),
    signal,
    migrations: () => migrationsClean(context, wired),
    compare: async ({ database, epoch, generation }) => {
      await reachBoth(wired);
      const view = { primary: database, epoch, generation };
      const onProgress = await compareProgress(context, wired);
      return compareModule({
        module,
        postgres: postgres.pool,
        mongo: mongo.db,
        view,
        signal,
        onProgress,
        toolVersion: version,
      });
    },
    confirm: (at, target) => confirm(context, options, at, target),
    onCheck: (check) => terminal.note(lineOf(check)),
  });
}

const lineOf = ({ name, passed, saw, fix }: Check): string =>
  `${passed ? "passed " : "refused"} ${name}: ${saw}${fix === null ? "" : `; ${fix}`}`;

/** Read over the replicator's login, which may see both ledgers. */
async function migrationsClean({ signal, logger: log }: Context, wired: Wired): Promise<void> {
  await reachBoth(wired);
  const { module, postgres, mongo } = wired;
  for (const set of [postgresSchema, module]) {
    const { clean, problems, pending, invalidIndexes } = await createMigrator({
      module: set,
      url: postgres.url,
      log,
      signal,
    }).verify();
    if (!clean)
      throw refused(
        "MIGRATIONS_NOT_CLEAN",
        `PostgreSQL ${set.name}: ${[...problems.map(({ message }) => message), ...pending.map((file) => `${file} is pending`), ...invalidIndexes.map((index) => `${index} is invalid`)].join("; ")}; run \`stella-data migrate verify --module ${set.name}\``,
        { details: { set: set.name, pending, invalidIndexes } },
      );
  }
  for (const set of [mongoSchema, collectionsOf(module)]) await verifyMongo(mongo.db, set);
}
