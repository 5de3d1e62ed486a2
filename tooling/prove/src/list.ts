import type { Experiment } from "./experiment.ts";

interface Listed {
  readonly table: string;
  readonly json: readonly object[];
}

export function listed(experiments: Readonly<Record<string, Experiment>>, what: "experiments" | "sabotages"): Listed {
  return what === "experiments" ? ofExperiments(experiments) : ofSabotages(experiments);
}

function ofExperiments(experiments: Readonly<Record<string, Experiment>>): Listed {
  const json = Object.entries(experiments).map(([experiment, { claim, full, seconds }]) => ({
    experiment,
    claim,
    full,
    seconds,
  }));
  const table = json.map(({ experiment, claim, full }) => `${experiment.padEnd(12)}  ${claim}\n${indent}full: ${full}`);
  return { table: table.join("\n"), json };
}
const indent = " ".repeat(14);

function ofSabotages(experiments: Readonly<Record<string, Experiment>>): Listed {
  const all = Object.entries(experiments).flatMap(([experiment, { sabotages }]) =>
    Object.entries(sabotages).map(([kind, breaks]) => ({ experiment, kind, breaks })),
  );
  return {
    table: all
      .map(({ experiment, kind, breaks }) => `${experiment.padEnd(12)}  ${kind.padEnd(24)}  ${breaks}`)
      .join("\n"),
    // Exactly what a caller goes on with.
    json: all.map(({ experiment, kind }) => ({ experiment, kind })),
  };
}
