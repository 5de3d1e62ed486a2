import { postgresSchema } from "@stellaops/cutover";
import { lintModule, type Finding, type MigrationModule } from "@stellaops/migrator";
import type { Command } from "../context.ts";
import { modulesOf } from "../modules.ts";
import { plural } from "../output/table.ts";
import type { MigrateOptions } from "./options.ts";

/** Of the cutover's tables only the register belongs to tenants. */
const withoutTenant = [
  "stages",
  "stage_history",
  "leases",
  "apply_fence",
  "backfill",
  "replication",
  "backfill_items",
  "work_leases",
  "instances",
  "shadow",
  "comparisons",
  "fixed",
];

/** Reads the files of the folder with PostgreSQL's parser; needs no server. */
export const lint =
  ({ module }: MigrateOptions): Command =>
  async () => {
    const sets: readonly MigrationModule[] = module === "cutover" ? [postgresSchema] : modulesOf(module);
    const findings: (Finding & { readonly set: string })[] = [];
    for (const set of sets) {
      const exempt = set === postgresSchema ? withoutTenant.map((table) => `${set.schema}.${table}`) : [];
      findings.push(...(await lintModule(set, { exempt })).map((finding) => ({ set: set.name, ...finding })));
    }
    const errors = findings.filter(({ severity }) => severity === "error").length;
    return {
      holds: errors === 0,
      result: { errors, findings },
      lines: [
        ...findings.map(({ file, line, severity, rule, message }) => `${file}:${line} ${severity} ${rule}: ${message}`),
        `${plural(errors, "error")}, ${plural(findings.length - errors, "warning")}`,
      ],
    };
  };
