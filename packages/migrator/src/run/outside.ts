import { retryTransient } from "@stellaops/kernel";
import type { MigrationFile } from "../files/read.ts";
import { quoted } from "../module.ts";
import type { Outside } from "../sql/form.ts";
import type { Statement } from "../sql/parse.ts";
import { sqlStateOf } from "../sql/state.ts";
import { limit } from "./execute.ts";
import { failureOf } from "./failure.ts";
import { contentionMs, remainingMs, type Run } from "./run.ts";

/** A statement that cannot run in a transaction, made repeatable by looking at what a crashed attempt left behind. */
export function runOutside(
  run: Run,
  file: MigrationFile,
  statement: Statement,
  outside: Outside,
  resumed: boolean,
): Promise<void> {
  let again = resumed;
  const attempt = async (): Promise<void> => {
    try {
      await limit(run, file, 0);
      if (await leftDone(run, file, outside, again)) return;
      run.onEvent({ kind: "statement", file: file.name, line: statement.line });
      run.signal?.throwIfAborted();
      await run.client.query(statement.sql);
    } catch (error) {
      // undefined_object: the attempt before this one had dropped it
      if (again && outside.kind === "drop-index" && sqlStateOf(error) === "42704") return;
      throw failureOf(run, file, statement.line, error);
    } finally {
      again = true;
    }
  };
  return retryTransient(attempt, {
    deadlineMs: remainingMs(run) ?? contentionMs,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
}

/** Clears an invalid index away. True when the attempt before had come to its end after all. */
async function leftDone(run: Run, file: MigrationFile, outside: Outside, resumed: boolean): Promise<boolean> {
  if (outside.kind === "reindex" && resumed) await dropLeftovers(run, file);
  if (outside.kind !== "create-index" || outside.index === undefined) return false;
  const name = `${quoted(outside.schema ?? run.module.schema)}.${quoted(outside.index)}`;
  const { rows } = await run.client.query<{ valid: boolean }>(
    "select indisvalid as valid from pg_index where indexrelid = to_regclass($1)",
    [name],
  );
  if (rows[0]?.valid === false) await dropIndex(run, file, name);
  return resumed && rows[0]?.valid === true;
}

async function dropLeftovers(run: Run, file: MigrationFile): Promise<void> {
  for (const name of await invalidIndexes(run.client, run.module.schema))
    if (/_cc(?:new|old)\d*"?$/.test(name)) await dropIndex(run, file, name);
}

async function dropIndex(run: Run, file: MigrationFile, index: string): Promise<void> {
  run.onEvent({ kind: "rebuilding", file: file.name, index });
  run.log.warn({ file: file.name, index }, "dropping the invalid index that a crashed build left");
  await run.client.query(`drop index concurrently if exists ${index}`);
}

/** Quoted names with their schema. */
export async function invalidIndexes(client: Run["client"], schema: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and not i.indisvalid and c.relkind = 'i' order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}
