import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Layout } from "../layout.ts";
import type { Key, KeyState, RawSide, RegisterState, ScanOptions } from "../record.ts";
import { postgresRecord } from "./forms.ts";
import { orphansText, pageText, readText } from "./statements.ts";

type Row = readonly (string | null)[];

/** Values arrive as the server writes them: a parser would round instants, bigints and numbers. */
const types = { getTypeParser: () => String };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Aggregates may hold 8 MiB each: pages follow what the last one weighed. MongoDB's are bounded by the server. */
const pageBytes = 8 * 1024 * 1024;
const sizeOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => row.reduce((bytes, value) => bytes + (value?.length ?? 0), sum), 1);
const first: Key = { tenant: "", id: "00000000-0000-0000-0000-000000000000" };

/** Rows of one aggregate's tables. The pool's role must bypass row-level security. */
export function postgresRows(pool: Pool, layout: Layout): RawSide {
  const texts = { page: pageText(layout), read: readText(layout), orphans: orphansText(layout) };
  const [tenantAt = 0, idAt = 0] = [layout.at.get("tenantId"), layout.at.get("id")];

  const ask = async (text: string, values: unknown[]): Promise<readonly Row[]> => {
    try {
      const { rows } = await pool.query<(string | null)[]>({ text, values, rowMode: "array", types });
      return rows;
    } catch (error) {
      throw mapError(error);
    }
  };
  const keyOf = (row: Row): Key => ({ tenant: row[tenantAt] ?? "", id: row[idAt] ?? "" });
  const stateOf = (row: Row): KeyState => ({
    key: keyOf(row),
    record: postgresRecord(layout, row),
    register: registerOf(row.at(-1)),
  });
  async function* pages<T>(
    text: string,
    { pageSize, tenant }: ScanOptions,
    of: (row: Row) => T,
    key: (row: Row) => Key,
  ) {
    let limit = Math.min(pageSize, 50);
    for (let after = first; ;) {
      const rows = await ask(text, [limit, tenant, after.tenant, after.id]);
      if (rows.length > 0) yield rows.map(of);
      const last = rows[limit - 1];
      if (last === undefined) return;
      after = key(last);
      limit = Math.max(1, Math.min(pageSize, 2 * limit, Math.floor((pageBytes * limit) / sizeOf(rows))));
    }
  }

  return {
    database: "postgres",
    async *pages(options) {
      for await (const rows of pages(texts.page, options, stateOf, keyOf)) yield { rows, unkeyed: [] };
    },
    orphans: (options) => pages(texts.orphans, options, pair, pair),
    async read(keys) {
      // A document's id may be anything; what is no UUID has no row here.
      const askable = keys.filter(({ id }) => uuid.test(id));
      const rows = await ask(texts.read, [askable.map(({ tenant }) => tenant), askable.map(({ id }) => id)]);
      const found = new Map(rows.map(([n, there, ...row]) => [askable[Number(n) - 1], { there: there === "t", row }]));
      return keys.map((key) => {
        const { there, row } = found.get(key) ?? { there: false, row: [] };
        return { key, record: there ? postgresRecord(layout, row) : null, register: registerOf(row.at(-1)) };
      });
    },
  };
}

const pair = ([tenant, id]: Row): Key => ({ tenant: tenant ?? "", id: id ?? "" });

type Entry = readonly [
  generation: string,
  revision: string,
  deleted: boolean,
  pending: boolean,
  refusal: string | null,
];

function registerOf(json: string | null | undefined): RegisterState | null {
  if (json === null || json === undefined) return null;
  const [generation, revision, deleted, pending, refusal] = JSON.parse(json) as Entry;
  return { generation, revision, deleted, pending, refusal };
}
