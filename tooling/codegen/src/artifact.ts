/** One generated file: what it must hold, by its path in the repository. */
export interface Artifact {
  readonly path: string;
  readonly text: string;
}

/** The first lines in which what is there and what should be differ; empty when they are equal. */
export function summaryOf(there: string | null, should: string): readonly string[] {
  if (there === null) return ["is missing"];
  if (there === should) return [];
  const [before, after] = [there.split("\n"), should.split("\n")];
  const [gone, added] = [without(before, after), without(after, before)];
  if (gone.length + added.length === 0) return ["holds the same lines in another order"];
  return [...gone.slice(0, 5).map((line) => `- ${line}`), ...added.slice(0, 5).map((line) => `+ ${line}`)];
}

const without = (lines: readonly string[], others: readonly string[]): readonly string[] => {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
};
