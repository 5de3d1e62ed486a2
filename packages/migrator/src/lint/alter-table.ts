import type { AlterTableCmd, ColumnDef, Constraint, Node } from "libpg-query";
import { error, warning, type Remark } from "./finding.ts";
import { callsIn, texts } from "./tree.ts";

/** What one clause of ALTER TABLE does to a table that services are using. */
export function alterRemarks(table: string, cmd: AlterTableCmd): readonly Remark[] {
  const of = clauses[cmd.subtype ?? ""];
  return of === undefined ? [] : of(table, cmd);
}

const breaking =
  (rule: string, what: string) =>
  (table: string, { name = "" }: AlterTableCmd): readonly Remark[] => [
    error(
      rule,
      `${table}: ${what.replace("%", name)} breaks services of the release before; make it a release migration (100 and up)`,
    ),
  ];

const rewrite = (table: string): readonly Remark[] => [
  error("table-rewrite", `${table} is rewritten under an exclusive lock; make it a release migration (100 and up)`),
];

const clauses: Readonly<Record<string, (table: string, cmd: AlterTableCmd) => readonly Remark[]>> = {
  AT_DropColumn: breaking("drop-column", "dropping the column %"),
  AT_AlterColumnType: breaking("column-type", "changing the type of %"),
  AT_SetNotNull: (table, { name = "" }) => [
    error(
      "set-not-null",
      `${table}.${name}: SET NOT NULL reads the table under an exclusive lock and breaks older writers; make it a release migration (100 and up)`,
    ),
  ],
  AT_AddColumn: (table, { def }) => (def !== undefined && "ColumnDef" in def ? addColumn(table, def.ColumnDef) : []),
  AT_AddConstraint: (table, { def }) =>
    def !== undefined && "Constraint" in def ? addConstraint(table, def.Constraint) : [],
  AT_ValidateConstraint: (table) => [
    warning(
      "validate",
      `${table} is read whole to validate; when it is large, make it a release migration (100 and up)`,
    ),
  ],
  AT_SetTableSpace: rewrite,
  AT_SetLogged: rewrite,
  AT_SetUnLogged: rewrite,
  AT_SetAccessMethod: rewrite,
};

const kindsOf = (constraints: readonly Node[] | undefined): ReadonlyMap<string, Constraint> =>
  new Map(
    (constraints ?? []).flatMap((one) => ("Constraint" in one ? [[one.Constraint.contype ?? "", one.Constraint]] : [])),
  );

/** A default made of these is computed once, so that no row is touched. */
const once = new Set(["now", "transaction_timestamp", "statement_timestamp"]);

function addColumn(table: string, { colname = "", constraints, typeName, location }: ColumnDef): readonly Remark[] {
  const kinds = kindsOf(constraints);
  const name = `${table}.${colname}`;
  const serial = /serial/.test(texts(typeName?.names).at(-1) ?? "");
  const computed = [...callsIn(kinds.get("CONSTR_DEFAULT")?.raw_expr)].some((call) => !once.has(call));
  const stored = kinds.has("CONSTR_GENERATED") && kinds.get("CONSTR_GENERATED")?.generated_kind !== "v";
  const found: Remark[] = [];
  if (kinds.has("CONSTR_IDENTITY") || serial || computed || stored)
    found.push(
      error(
        "table-rewrite",
        `${name}: its value is computed for every row under an exclusive lock; add the column empty, and fill it by a data migration (DM)`,
        location,
      ),
    );
  else if (kinds.has("CONSTR_NOTNULL") && !kinds.has("CONSTR_DEFAULT"))
    found.push(
      error(
        "add-not-null",
        `${name}: NOT NULL without a default fails on existing rows and breaks older writers; add a default, or leave it nullable`,
        location,
      ),
    );
  if (["CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_CHECK", "CONSTR_FOREIGN"].some((kind) => kinds.has(kind)))
    found.push(
      error(
        "constraint-lock",
        `${name}: its constraint is checked under a strong lock; add it by itself, NOT VALID or USING INDEX`,
        location,
      ),
    );
  return found;
}

function addConstraint(table: string, constraint: Constraint): readonly Remark[] {
  const { contype = "", conname = "", skip_validation, indexname, location } = constraint;
  if (["CONSTR_CHECK", "CONSTR_FOREIGN", "CONSTR_NOTNULL"].includes(contype) && skip_validation !== true)
    return [
      error(
        "constraint-lock",
        `${table}: ${conname} reads the table under a strong lock; add it NOT VALID, and validate it later`,
        location,
      ),
    ];
  if (["CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION"].includes(contype) && indexname === undefined)
    return [
      error(
        "constraint-lock",
        `${table}: ${conname} builds its index under an exclusive lock; CREATE UNIQUE INDEX CONCURRENTLY first, then add it USING INDEX`,
        location,
      ),
    ];
  return [];
}
