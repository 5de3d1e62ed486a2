import { refused } from "@stellaops/kernel";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../problem.ts";
import { categories, parseName, type Category } from "./name.ts";
import { checksum, decode, modeOf, type Mode } from "./text.ts";

export interface MigrationFile {
  /** The file name, `001_create_tables.sql`: the key in the ledger. */
  readonly name: string;
  readonly category: Category;
  readonly number: number;
  readonly mode: Mode;
  /** LF-normalised. */
  readonly text: string;
  /** SHA-256 of `text`, hexadecimal. */
  readonly checksum: string;
}

export interface MigrationFolder {
  /** In running order: category, then number. */
  readonly files: readonly MigrationFile[];
  readonly problems: readonly Problem[];
}

/** @throws `MIGRATION_FOLDER_UNREADABLE` (refused) */
export async function readMigrations(folder: string): Promise<MigrationFolder> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw refused("MIGRATION_FOLDER_UNREADABLE", `the migrations folder ${folder} cannot be read; check the path`, {
      cause,
    });
  });
  const read = await Promise.all(
    entries.map(async (entry) => (entry.isFile() ? readMigration(folder, entry.name) : misplaced(entry.name))),
  );
  const files = read.filter((one) => "checksum" in one).toSorted(byOrder);
  const problems = read.filter((one) => "message" in one).toSorted((a, b) => (a.file < b.file ? -1 : 1));
  return { files, problems: [...problems, ...duplicates(files)] };
}

async function readMigration(folder: string, name: string): Promise<MigrationFile | Problem> {
  const parsed = parseName(name);
  if ("reason" in parsed)
    return {
      code: "MIGRATION_MISNAMED",
      file: name,
      reason: parsed.reason,
      message: `${name} is refused: ${parsed.explanation}`,
    };
  const text = decode(await readFile(join(folder, name)));
  if (text === undefined)
    return {
      code: "MIGRATION_NOT_TEXT",
      file: name,
      message: `${name} is not UTF-8 text without NUL; save it as UTF-8`,
    };
  const mode = modeOf(text);
  if (mode === undefined || (mode === "batch") !== (parsed.category === "data"))
    return { code: "MIGRATION_MARKER", file: name, message: `${name} ${markerMistake(parsed.category)}` };
  return { name, ...parsed, mode, text, checksum: checksum(text) };
}

const markerMistake = (category: Category): string =>
  category === "data"
    ? 'is a data migration and must begin with the line "-- stella: batch"'
    : 'may begin with the line "-- stella: no-transaction" or with no such marker; "batch" is for DM files only';

const misplaced = (name: string): Problem => ({
  code: "MIGRATION_MISNAMED",
  file: name,
  reason: "not-a-file",
  message: `${name} is refused: only plain files belong into a migrations folder`,
});

const byOrder = (a: MigrationFile, b: MigrationFile): number =>
  categories.indexOf(a.category) - categories.indexOf(b.category) || a.number - b.number || (a.name < b.name ? -1 : 1);

const duplicates = (files: readonly MigrationFile[]): readonly Problem[] =>
  files.flatMap((file, at) => {
    const before = files[at - 1];
    if (before?.category !== file.category || before.number !== file.number) return [];
    return [
      {
        code: "MIGRATION_DUPLICATE" as const,
        file: file.name,
        message: `${file.name} has the number of ${before.name}; give the newer one the next free number`,
      },
    ];
  });
