import type { Experiment } from "./experiment.ts";

interface Listed {
  readonly table: string;
  readonly json: readonly object[];
}

export function listed(experiments: Readonly<Record<string, Experiment>>, what: "experiments" | "sabotages"): Listed {
  const rows =
    what === "experiments"
      ? Object.entries(experiments).map(([experiment, { claim, full, seconds }]) => ({
          experiment,
          claim,
          full,
          seconds,
        }))
      : Object.entries(experiments).flatMap(([experiment, { sabotages }]) =>
          Object.entries(sabotages).map(([kind, breaks]) => ({ experiment, kind, breaks })),
        );
  // Exactly what a caller goes on with: an experiment and a kind.
  const json = rows.map(({ experiment, ...row }) =>
    "kind" in row ? { experiment, kind: row.kind } : { experiment, ...row },
  );
  return { table: rows.map((row) => Object.values(row).join("  ")).join("\n"), json };
}
