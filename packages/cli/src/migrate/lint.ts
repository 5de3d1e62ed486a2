import { lintModule } from "@stellaops/migrator";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";

/** Reads the files of the folder with PostgreSQL's parser; needs no server. */
export const lint =
  ({ module }: MigrateOptions): Command =>
  async () => {
    const findings = [];
    for (const { set } of targetsOf(module, "postgres").postgres)
      findings.push(...(await lintModule(set)).map((finding) => ({ set: set.name, ...finding })));
    const errors = findings.filter(({ severity }) => severity === "error").length;
    return {
      holds: errors === 0,
      result: { errors, findings },
      lines: [
        ...findings.map(
          ({ file, line, severity, rule, message }) => `${file}:${line} ${severity} ${rule}: ${message}`,
        ),
        `${plural(errors, "error")}, ${plural(findings.length - errors, "warning")}`,
      ],
    };
  };
