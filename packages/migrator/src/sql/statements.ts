import { refused } from "@stellaops/kernel";
import type { MigrationFile } from "../files/read.ts";
import { formMistake } from "./form.ts";
import { parseFile, type Statement } from "./parse.ts";

/** @throws `MIGRATION_SYNTAX`, `MIGRATION_FORM` (with file and line, before anything runs) */
export async function statementsOf(file: MigrationFile): Promise<readonly Statement[]> {
  const statements = await parseFile(file.name, file.text);
  for (const statement of statements) {
    const mistake = formMistake(file, statement);
    if (mistake !== undefined)
      throw refused("MIGRATION_FORM", `${file.name}:${statement.line}: ${mistake}`, {
        details: { file: file.name, line: statement.line },
      });
  }
  return statements;
}
