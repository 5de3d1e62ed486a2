import { codeOf, isDataLayerError } from "@stellaops/kernel";
import type { Node } from "libpg-query";
import { readMigrations, type MigrationFile } from "../files/read.ts";
import type { MigrationModule } from "../module.ts";
import { formMistake } from "../sql/form.ts";
import { parseFile, type Statement } from "../sql/parse.ts";
import { catalogue } from "./catalogue.ts";
import { error, findingsOf, type Finding, type ParsedFile, type Remark } from "./finding.ts";
import { seedRemarks } from "./seed.ts";
import { serverMadeRemarks } from "./server-made.ts";
import { startupRemarks } from "./startup.ts";
import { tableFindings } from "./tables.ts";
import { tableOf } from "./tree.ts";

export interface LintOptions {
  /** The module's schema; names without one are meant to be in it. */
  readonly schema: string;
  /** Functions that protect the table named in their arguments; `<schema>_app.protect` when left out. */
  readonly helpers?: readonly string[];
  /** Tables, with schema, that belong to no tenant. */
  readonly exempt?: readonly string[];
}

/** Reads the files with PostgreSQL's parser, no database. All files of a module together, in running order. */
export async function lint(files: readonly MigrationFile[], options: LintOptions): Promise<readonly Finding[]> {
  const { schema, helpers = [`${schema}_app.protect`], exempt = [] } = options;
  const parsed = await Promise.all(files.map(parsedOrFinding));
  const good = parsed.filter((one) => "statements" in one);
  const tables = catalogue(good, { schema, helpers }).filter(({ name }) => !exempt.includes(name));
  const found = [
    ...parsed.filter((one) => "rule" in one),
    ...good.flatMap((one) => fileFindings(one, schema)),
    ...tables.flatMap(tableFindings),
  ];
  const order = new Map(files.map((file, at) => [file.name, at]));
  return found.toSorted((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line);
}

/** The same for a module's folder, with what is wrong with names and texts. */
export async function lintModule(
  module: MigrationModule,
  options: Omit<LintOptions, "schema"> = {},
): Promise<readonly Finding[]> {
  const { files, problems } = await readMigrations(module.migrations);
  const named = problems.map(({ code, file, message }): Finding => ({
    file,
    line: 1,
    rule: code.slice("MIGRATION_".length).toLowerCase().replaceAll("_", "-"),
    severity: "error",
    message,
  }));
  return [...named, ...(await lint(files, { ...options, schema: module.schema }))];
}

async function parsedOrFinding(file: MigrationFile): Promise<ParsedFile | Finding> {
  try {
    return { file, statements: await parseFile(file.name, file.text) };
  } catch (cause) {
    if (!isDataLayerError(cause) || codeOf(cause) !== "MIGRATION_SYNTAX") throw cause;
    return {
      file: file.name,
      line: Number(cause.details["line"]),
      rule: "syntax",
      severity: "error",
      message: cause.message,
    };
  }
}

function fileFindings({ file, statements }: ParsedFile, schema: string): readonly Finding[] {
  const own = new Set(statements.flatMap(({ node }) => madeBy(node, schema)));
  return statements.flatMap((statement) => findingsOf(file, statement, statementRemarks(file, statement, schema, own)));
}

function statementRemarks(
  file: MigrationFile,
  statement: Statement,
  schema: string,
  own: ReadonlySet<string>,
): readonly Remark[] {
  const { node } = statement;
  const mistake = formMistake(file, statement);
  return [
    ...(mistake === undefined ? [] : [error("form", mistake)]),
    ...serverMadeRemarks(node),
    ...(file.category === "startup" ? startupRemarks(node, schema, own) : []),
    ...(file.category === "seed" ? seedRemarks(node) : []),
  ];
}

function madeBy(node: Node, schema: string): readonly string[] {
  if ("CreateStmt" in node) return [tableOf(node.CreateStmt.relation, schema)];
  if ("IndexStmt" in node) return [`${node.IndexStmt.relation?.schemaname ?? schema}.${node.IndexStmt.idxname ?? ""}`];
  return "ViewStmt" in node && node.ViewStmt.replace !== true ? [tableOf(node.ViewStmt.view, schema)] : [];
}
