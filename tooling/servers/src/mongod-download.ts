import { MongoBinary } from "mongodb-memory-server-core";
import { reasonOf } from "./server-error.ts";
import type { Environment } from "./server.ts";

const origin = "https://fastdl.mongodb.org";

/** The memory server's own download, asked for only when its host answers: its retries would cost half a minute. */
export const downloadedMongod = async (env: Environment): Promise<string> => {
  try {
    await fetch(env.MONGOMS_DOWNLOAD_MIRROR ?? origin, { method: "HEAD", signal: AbortSignal.timeout(3_000) });
  } catch (error) {
    throw new Error(`${origin} cannot be reached (${reasonOf(error)})`, { cause: error });
  }
  return MongoBinary.getPath();
};
