import { holds, reachText, type Row } from "./row.ts";

const words = { true: "yes", false: "NO", null: "" } as const;

/** For people: one line a ratio, what was divided and what is to be known under it. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(20, ...rows.map(({ name }) => name.length));
  const head = ["", "", "ratio", "reach", "holds"];
  const lines = rows.flatMap((row) => {
    const parts = Object.entries(row.parts).map(([name, value]) => `${name} ${value}`);
    return [
      line([row.experiment, row.name, row.ratio.toFixed(2), reachText(row), words[`${holds(row)}`]], width),
      `       ${parts.join(", ")} ${row.unit}`,
      ...(row.note === undefined ? [] : [`       ${row.note}`]),
    ];
  });
  return [line(head, width), ...lines].join("\n");
}

const line = (
  [experiment = "", name = "", ratio = "", reach = "", held = ""]: readonly string[],
  width: number,
): string =>
  `${experiment.padEnd(6)} ${name.padEnd(width)} ${ratio.padStart(6)} ${reach.padStart(8)} ${held.padStart(5)}`.trimEnd();
