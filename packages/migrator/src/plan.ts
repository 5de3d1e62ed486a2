import { categories, type Category } from "./files/name.ts";
import type { MigrationFile, MigrationFolder } from "./files/read.ts";
import type { LedgerRow } from "./ledger/row.ts";
import type { Problem } from "./problem.ts";

export interface Plan {
  /** In running order; a half-done file is pending. */
  readonly pending: readonly MigrationFile[];
  /** Any problem stops every run, whatever its category. */
  readonly problems: readonly Problem[];
  readonly applied: number;
}

export interface PlanOptions {
  /**
   * Accept ledger rows above every file of their category: an older release of a service restarting while a newer one
   * is rolled out. Left out, they are `MIGRATION_MISSING`.
   */
  readonly acceptNewer?: boolean;
}

/** Compares the folder with the ledger. Pure. */
export function planOf(folder: MigrationFolder, rows: readonly LedgerRow[], options: PlanOptions = {}): Plan {
  const ledger = new Map(rows.map((row) => [row.name, row]));
  const disk = new Map(folder.files.map((file) => [file.name, file]));
  const lost = rows.filter(
    (row) => !disk.has(row.name) && !(options.acceptNewer === true && isNewer(row, folder.files)),
  );
  const renamed = new Map(
    lost.flatMap((row) => {
      const to = folder.files.find((file) => !ledger.has(file.name) && isSame(row, file));
      return to === undefined ? [] : [[row.name, to] as const];
    }),
  );
  const news = new Set([...renamed.values()].map((file) => file.name));
  return {
    pending: folder.files.filter((file) => ledger.get(file.name)?.state !== "applied"),
    applied: rows.filter((row) => row.state === "applied").length,
    problems: [
      ...folder.problems,
      ...folder.files.flatMap((file) => editedProblem(file, ledger.get(file.name))),
      ...lost.map((row) => goneProblem(row, renamed.get(row.name))),
      ...folder.files
        .filter((file) => !ledger.has(file.name) && !news.has(file.name))
        .flatMap((file) => reorderedProblem(file, rows)),
    ],
  };
}

/** The number without its prefix: the category tells S001 from 001. */
const numberOf = (row: LedgerRow): number => Number(/\d{3}/.exec(row.name)?.[0]);

const isNewer = (row: LedgerRow, files: readonly MigrationFile[]): boolean =>
  files.every((file) => file.category !== row.category || file.number < numberOf(row));

const isSame = (row: LedgerRow, file: MigrationFile): boolean =>
  file.category === row.category && (file.checksum === row.checksum || file.number === numberOf(row));

function editedProblem(file: MigrationFile, row: LedgerRow | undefined): readonly Problem[] {
  // A half-done file run by statements may be corrected below what is done; that is judged when it is resumed.
  if (row === undefined || row.checksum === file.checksum || (row.state === "running" && file.mode === "statements"))
    return [];
  const remedy =
    row.state === "running"
      ? `restore it, or drop its progress with \`migrate repair --forget ${file.name}\``
      : `restore it and write a new migration; if only comments changed: \`migrate repair --accept ${file.name}\``;
  return [
    {
      code: "MIGRATION_EDITED",
      file: file.name,
      message: `${file.name} was edited after it had been ${row.state === "running" ? "begun" : "applied"} (checksum ${short(row.checksum)}, now ${short(file.checksum)}); ${remedy}`,
    },
  ];
}

function goneProblem(row: LedgerRow, to: MigrationFile | undefined): Problem {
  if (to === undefined)
    return {
      code: "MIGRATION_MISSING",
      file: row.name,
      message: `${row.name} is in the ledger but not in the folder; restore the file, or deploy the release that has it`,
    };
  const also = to.checksum === row.checksum ? "" : " and edited";
  return {
    code: "MIGRATION_RENAMED",
    file: row.name,
    message: `${row.name} was renamed to ${to.name}${also} after it had been applied; give it its old name back`,
  };
}

function reorderedProblem(file: MigrationFile, rows: readonly LedgerRow[]): readonly Problem[] {
  const above = rows.find((row) => row.category === file.category && numberOf(row) > file.number);
  if (above === undefined) return [];
  return [
    {
      code: "MIGRATION_REORDERED",
      file: file.name,
      message: `${file.name} is new but stands before ${above.name}, which is applied; give it the next free number`,
    },
  ];
}

const short = (checksum: string): string => checksum.slice(0, 12);

export const ofCategories = (files: readonly MigrationFile[], wanted: readonly Category[]): readonly MigrationFile[] =>
  categories.flatMap((category) => files.filter((file) => file.category === category && wanted.includes(category)));
