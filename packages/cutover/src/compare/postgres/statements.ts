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

/** The keys ($1, $2) in one statement, so of one moment; each with its number, and whether it has a row. */
export const readText = (layout: Layout): string =>
  `select k.n, t.id is not null, ${columnsOf(layout, "k")}
 from unnest($1::text[], $2::uuid[]) with ordinality k(tenant_id, id, n)
 left join "${layout.definition.module}"."${layout.definition.table}" t on t.tenant_id = k.tenant_id and t.id = k.id`;
