import { commands, keysOf, type At, type Table } from "./catalogue.ts";
import { error, findingsOf, type Finding, type Remark } from "./finding.ts";
import { texts } from "./tree.ts";

/** The rules that hold for every table: tenant first, row level security enabled, forced, with four policies. */
export function tableFindings(table: Table): readonly Finding[] {
  const told = (at: At, remarks: readonly Remark[]): readonly Finding[] => findingsOf(at.file, at.statement, remarks);
  return [
    ...told(table, [...security(table), ...(table.borrowed ? [] : [...tenantColumn(table), ...primaryKey(table)])]),
    ...table.constraints.flatMap((one) => told(one, constraintRemarks(table, one.constraint))),
    ...table.indexes.flatMap((one) => told(one, indexRemarks(table, one.index))),
  ];
}

function security({ name, enabled, forced, policies }: Table): readonly Remark[] {
  const missing = commands.filter((command) => !policies.has(command));
  const lacks = [
    ...(enabled ? [] : ["is not enabled"]),
    ...(forced ? [] : ["is not forced"]),
    ...(missing.length === 0 ? [] : [`lacks policies for ${missing.join(", ")}`]),
  ];
  const found = lacks.length === 0 ? [] : [error("row-security", `${name}: row level security ${lacks.join(", ")}`)];
  if (!policies.has("all")) return found;
  return [
    ...found,
    error("row-security", `${name}: one policy for all commands lets a tenant change shared rows; write four`),
  ];
}

function tenantColumn({ name, columns }: Table): readonly Remark[] {
  const column = columns.get("tenant_id");
  if (column === undefined) return [error("tenant-first", `${name} has no column tenant_id`)];
  const isText = texts(column.typeName?.names).at(-1) === "text";
  const required = (column.constraints ?? []).some(
    (one) => "Constraint" in one && one.Constraint.contype === "CONSTR_NOTNULL",
  );
  return isText && required ? [] : [error("tenant-first", `${name}.tenant_id must be text not null`, column.location)];
}

const primaryKey = ({ name, constraints }: Table): readonly Remark[] =>
  constraints.some(({ constraint }) => constraint.contype === "CONSTR_PRIMARY")
    ? []
    : [error("tenant-first", `${name} has no primary key`)];

const keyed = new Set(["CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_FOREIGN"]);

function constraintRemarks({ name }: Table, constraint: Table["constraints"][number]["constraint"]): readonly Remark[] {
  const { contype = "", conname, indexname, location } = constraint;
  if (!keyed.has(contype) || indexname !== undefined || keysOf(constraint)[0] === "tenant_id") return [];
  return [
    error(
      "tenant-first",
      `${name}: ${conname ?? `a ${contype.slice(7).toLowerCase()} key`} must begin with tenant_id`,
      location,
    ),
  ];
}

function indexRemarks({ name }: Table, index: Table["indexes"][number]["index"]): readonly Remark[] {
  const { idxname = "an index", unique, accessMethod, indexParams = [] } = index;
  const [first] = indexParams.map((one) => ("IndexElem" in one ? one.IndexElem.name : undefined));
  if (accessMethod !== "btree" || first === "tenant_id" || (unique !== true && indexParams.length < 2)) return [];
  return [error("tenant-first", `${name}: ${idxname} must begin with tenant_id`)];
}
