import { sha256 } from "@stellaops/kernel";
import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Layout } from "../layout.ts";
import { canBeOnPostgres } from "../mongo/raw.ts";
import type { KeyRange, TableDigest } from "../range.ts";
import type { Key, PostgresRows, RegisterState } from "../record.ts";
import { digestStatement, orphansStatement, rowsStatement, type Asked } from "./digest.ts";
import { postgresRecord } from "./forms.ts";
import { readText } from "./statements.ts";

type Row = readonly (string | null)[];

/** Values arrive as the server writes them: a parser would round instants, bigints and numbers. */
const types = { getTypeParser: () => String };
/** Rows listed at once: not they, but their digests travel. */
const page = 1_000;

/** Rows of one aggregate's tables. The pool's role must bypass row-level security. */
export function postgresRows(pool: Pool, layout: Layout): PostgresRows {
  const read = readText(layout);
  const ask = async (text: string, values: readonly unknown[], name?: string): Promise<readonly Row[]> => {
    try {
      const query = { text, values: [...values], rowMode: "array" as const, types };
      const { rows } = await pool.query<(string | null)[]>(name === undefined ? query : { ...query, name });
      return rows;
    } catch (error) {
      throw mapError(error);
    }
  };
  async function* listed<T extends { readonly key: Key }>(
    range: KeyRange,
    statement: (layout: Layout, range: KeyRange, limit: number) => Asked,
    of: (key: Key, row: Row) => T,
  ): AsyncGenerator<readonly T[]> {
    for (let rest = range; ;) {
      const { text, values } = statement(layout, rest, page);
      const found = (await ask(text, values)).map(([tenant, id, ...row]) =>
        of({ tenant: tenant ?? "", id: id ?? "" }, row),
      );
      if (found.length > 0) yield found;
      const last = found[page - 1];
      if (last === undefined) return;
      rest = { ...rest, after: last.key };
    }
  }

  return {
    database: "postgres",
    async digest(range, expected) {
      const { text, values } = digestStatement(layout, range, expected);
      // Prepared once a connection: planning it takes longer than a small range does.
      const [row = []] = await ask(text, values, `compare_${sha256(text).slice(0, 32)}`);
      const parts = row.map((part) => JSON.parse(part ?? "[]") as readonly [number, string | number]);
      const [contradictions = 0, unregistered = 0] = (parts.pop() ?? []) as readonly number[];
      const tables = parts.map(([count, digest]): TableDigest => ({ count, sha256: String(digest) }));
      return { tables, contradictions, unregistered };
    },
    rows: (range) =>
      listed(range, rowsStatement, (key, [bytes, digest, contradicts, unregistered]) => ({
        key,
        bytes: Number(bytes),
        digest: digest ?? "",
        contradicts: contradicts === "true",
        unregistered: unregistered === "true",
      })),
    orphans: (range) => listed(range, orphansStatement, (key) => ({ key, bytes: 0 })),
    async read(keys) {
      // A document's key may be anything; what PostgreSQL cannot have has no row here.
      const askable = keys.filter(canBeOnPostgres);
      const rows = await ask(read, [askable.map(({ tenant }) => tenant), askable.map(({ id }) => id)]);
      const found = new Map(rows.map(([n, there, ...row]) => [askable[Number(n) - 1], { there: there === "t", row }]));
      return keys.map((key) => {
        const { there, row } = found.get(key) ?? { there: false, row: [] };
        return { key, record: there ? postgresRecord(layout, row) : null, register: registerOf(row.at(-1)) };
      });
    },
  };
}

type Stored = readonly [
  generation: string,
  revision: string,
  deleted: boolean,
  pending: boolean,
  refusal: string | null,
];

function registerOf(json: string | null | undefined): RegisterState | null {
  if (json === null || json === undefined) return null;
  const [generation, revision, deleted, pending, refusal] = JSON.parse(json) as Stored;
  return { generation, revision, deleted, pending, refusal };
}
