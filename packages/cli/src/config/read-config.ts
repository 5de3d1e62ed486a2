import { dataError, type DataLayerError } from "@stellaops/kernel";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { configSchema, type Config } from "./schema.ts";

const defaultConfigPath = "persistence.yaml";

/**
 * The configuration file: the one that was named, or `persistence.yaml` here where there is one.
 * @throws `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`, `CONFIG_INVALID` (data), the last with the path of each mistake
 */
export async function readConfig(path: string | undefined): Promise<Config> {
  const file = path ?? defaultConfigPath;
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (missing && path === undefined) return null;
    const why = missing ? "is not there" : `cannot be read (${String(cause)})`;
    throw dataError(missing ? "CONFIG_NOT_FOUND" : "CONFIG_UNREADABLE", `${file} ${why}; name another with --config`, {
      cause,
    });
  });
  return text === null ? {} : parseConfig(file, text);
}

export function parseConfig(file: string, text: string): Config {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw dataError("CONFIG_UNREADABLE", `${file} is no YAML: ${firstLine(cause)}`, { cause });
  }
  const parsed = configSchema.safeParse(content ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(
    file,
    parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? "the file" : path.join(".")}: ${message}`),
  );
}

const invalid = (file: string, mistakes: readonly string[]): DataLayerError =>
  dataError("CONFIG_INVALID", `${file}: ${mistakes.join("; ")}; see docs/persistence-config-template.yaml`, {
    details: { file, mistakes },
  });

/** The parser quotes the lines around, which may hold a password. */
const firstLine = (cause: unknown): string => (cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "");
