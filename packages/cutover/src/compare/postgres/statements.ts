import type { ChildPlace, Layout } from "../layout.ts";
import { fieldSql } from "./forms.ts";

/** Every place of the layout as text, then the key's register entry as a JSON array; `key` is the alias that holds the key. */
const columnsOf = (layout: Layout, key: string): string => {
  const { module, table } = layout.definition;
  const members = layout.places.map((place) =>
    "fields" in place ? childrenSql(layout, place) : fieldSql(place.member, `t."${place.column}"`),
  );
  const register = `(select json_build_array(r.generation::text, r.revision::text, r.deleted, r.pending, r.refusal) from cutover.register r
 where r.tenant_id = ${key}.tenant_id and r.module = '${module}' and r.aggregate = '${table}' and r.id = ${key}.id)::text`;
  return [...members, register].join(", ");
};

/** One JSON array a root, of arrays: the ordinal or null, then the fields as texts. */
function childrenSql({ definition: { module, one } }: Layout, { member: child, fields }: ChildPlace): string {
  const isList = child.children === "list";
  const columns = fields.map(({ member, column }) => fieldSql(member, `c."${column}"`));
  const key = isList ? ["ordinal"] : child.key.map((name) => fields.find((field) => field.name === name)?.column);
  return `(select json_agg(json_build_array(${[isList ? "c.ordinal" : "null", ...columns].join(", ")}) order by ${key.map((column) => `c."${column}"`).join(", ")})
 from "${module}"."${child.table}" c where c.tenant_id = t.tenant_id and c."${one}_id" = t.id)::text`;
}

const tableOf = ({ definition: { module, table } }: Layout, alias: string): string => `"${module}"."${table}" ${alias}`;

/** $1 rows at most, $2 the only tenant or null, after the key ($3, $4). */
export const pageText = (layout: Layout): string =>
  `select ${columnsOf(layout, "t")} from ${tableOf(layout, "t")}
 where ($2::text is null or t.tenant_id = $2) and (t.tenant_id, t.id) > ($3, $4::uuid) order by t.tenant_id, t.id limit $1`;

/** The keys ($1, $2) in one statement, so of one moment; each with its number, and whether it has a row. */
export const readText = (layout: Layout): string =>
  `select k.n, t.id is not null, ${columnsOf(layout, "k")}
 from unnest($1::text[], $2::uuid[]) with ordinality k(tenant_id, id, n)
 left join ${tableOf(layout, "t")} on t.tenant_id = k.tenant_id and t.id = k.id`;

/** Parameters as of a page. The comparison names the whole key of the register, or each page would begin at the head of its tenant. */
export function orphansText(layout: Layout): string {
  const { module, table } = layout.definition;
  return `select r.tenant_id, r.id::text from cutover.register r
 where r.module = '${module}' and r.aggregate = '${table}' and not r.deleted and ($2::text is null or r.tenant_id = $2)
 and (r.tenant_id, r.module, r.aggregate, r.id) > ($3, '${module}', '${table}', $4::uuid)
 and not exists (select from ${tableOf(layout, "t")} where t.tenant_id = r.tenant_id and t.id = r.id)
 order by r.tenant_id, r.id limit $1`;
}
