import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { reasonOf, ServerError } from "./server-error.ts";

const run = promisify(execFile);

/** What the binary says of itself. A binary of another platform, or one that misses a library, is refused here. */
export const mongodVersion = async (path: string): Promise<string> => {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: 20_000 });
    const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version !== undefined) return version;
  } catch (error) {
    throw new ServerError("SERVER_MISSING", `${path} does not run: ${reasonOf(error)}`, error);
  }
  throw new ServerError("SERVER_MISSING", `${path} is no mongod: it does not print its version`);
};
