import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { MigrationModule } from "../src/index.ts";

/** A migrations folder of one test, removed with it. */
export async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "migrations-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  await put(path, files);
  return path;
}

export async function put(path: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
}

export const remove = (path: string, name: string): Promise<void> => rm(join(path, name));

/** Each test has a schema of its own in the file's database. */
export const moduleOf = (name: string, migrations: string): MigrationModule => ({ name, schema: name, migrations });

/** The code and the details, for `rejects.toMatchObject`. */
export const failing = (code: string, message: RegExp | string) => ({
  code,
  message: typeof message === "string" ? message : (expectMatching(message) as string),
});

const expectMatching = (message: RegExp): unknown => ({ asymmetricMatch: (actual: string) => message.test(actual) });
