import { InvalidArgumentError } from "commander";

const units = { ms: 1, s: 1_000, m: 60_000 } as const;

/** `30s`, `500ms`, `2m`; a plain number means seconds. Milliseconds. */
export function duration(text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (number !== undefined) return Math.round(Number(number) * units[unit as keyof typeof units]);
  throw new InvalidArgumentError('It is a time like "30s", "500ms" or "2m".');
}
