import { refused, silent, uuidV7, systemClock, type Logger } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import type { Backend } from "./backend.ts";
import type { AwaitOptions } from "./run-options.ts";
import { fixedRunner } from "./runner.ts";
import { scopesOf, type Scopes } from "./scope.ts";
import type { Seams } from "./seams.ts";
import type { ShadowBudget } from "./shadow.ts";
import type { ModuleWiring, SystemRepositories, SystemWiring } from "./wiring.ts";

/**
 * Where a process learns where its module's data is:
 * - `mongo` or `postgres`: that database and no other, for as long as the process lives;
 * - `record`: the stage record, followed live.
 */
export type StageWord = "mongo" | "postgres" | "record";

export interface OpenOptions extends AwaitOptions {
  readonly postgres?: Postgres;
  readonly mongo?: Mongo;
  /** Left out: the environment's `STELLA_<MODULE>_STAGE`. */
  readonly stage?: StageWord;
  /** Names this process in the stage record's leases; a new one at each start. */
  readonly instance?: string;
  readonly logger?: Logger;
  /** Checks of roles, policies, indexes, migrations and clocks before anything is served; only tests leave them out. */
  readonly checks?: boolean;
  /** How long a unit may take on a live source before it is ended and run again; milliseconds, 500. */
  readonly unitCapMs?: number;
  /** What reads at both databases may cost, in the stages that compare. */
  readonly shadow?: ShadowBudget;
  /** Only for tests and proofs. */
  readonly seams?: Seams;
}

export interface OpenModule<R, S = object> extends Scopes<R, S> {
  /** Ends what runs in the background; the connections given stay open. */
  close(): Promise<void>;
}

/**
 * Opens a module where its stage says.
 * @throws `STAGE_WORD`, `STAGE_DATABASE_MISSING`, `STAGE_RECORDED`, `STAGE_NONE` (refused), and what the start-up checks refuse
 */
export function openModule<R, S extends SystemRepositories<S>>(
  wiring: SystemWiring<R, S>,
  options: OpenOptions,
): Promise<OpenModule<R, S>>;
export function openModule<R>(wiring: ModuleWiring<R>, options: OpenOptions): Promise<OpenModule<R>>;
export async function openModule<R>(wiring: ModuleWiring<R>, options: OpenOptions): Promise<OpenModule<R>> {
  const word = wordOf(wiring.name, options.stage);
  const { postgres, mongo } = options;
  if (word === "record") {
    const { openLive } = await import("./open-live.ts");
    return openLive(wiring, { ...options, ...both(wiring.name, postgres, mongo) });
  }
  if (word === "postgres") {
    const given = needed(postgres, wiring.name, "postgres");
    const { fixedPostgres } = await import("../postgres/open.ts");
    return fixed(wiring, await fixedPostgres(wiring, given, options));
  }
  const given = needed(mongo, wiring.name, "mongo");
  const { fixedMongo } = await import("../mongo/open.ts");
  return fixed(wiring, await fixedMongo(wiring, given, options));
}

/** One database and what ends with it. */
export interface Fixed {
  readonly backend: Backend;
  close(): Promise<void>;
}

const fixed = <R>(wiring: ModuleWiring<R>, { backend, close }: Fixed): OpenModule<R> => ({
  ...scopesOf(wiring, fixedRunner(backend)),
  close,
});

function wordOf(module: string, given: string | undefined): StageWord {
  const variable = `STELLA_${module.toUpperCase()}_STAGE`;
  const word = given ?? process.env[variable];
  if (word === "mongo" || word === "postgres" || word === "record") return word;
  throw refused(
    "STAGE_WORD",
    `${word === undefined ? "no stage is given" : `"${word}" is no fixed stage`} for module ${module}: set ${variable} or the option to "mongo" or "postgres" for one database, or to "record" to follow the stage record (which alone holds the stages between)`,
    { details: { module, word } },
  );
}

function needed<T>(given: T | undefined, module: string, database: string): T {
  if (given !== undefined) return given;
  throw refused("STAGE_DATABASE_MISSING", `module ${module} runs on ${database} here; give its connection to open it`, {
    details: { module, database },
  });
}

const both = (module: string, postgres: Postgres | undefined, mongo: Mongo | undefined) => ({
  postgres: needed(postgres, module, "postgres"),
  mongo: needed(mongo, module, "mongo"),
});

export const newInstance = (): string => uuidV7(systemClock).next();
export const loggerOf = ({ logger }: OpenOptions): Logger => logger ?? silent;

export type { ModuleWiring, SystemRepositories, SystemWiring } from "./wiring.ts";
export type { Scope, Scopes } from "./scope.ts";
