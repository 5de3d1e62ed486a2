import { toJson } from "../output/json.ts";

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const fieldsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

/** What a guard saw and an operator stated, a line each; nothing for what was told before, since later states carry it on. */
export function evidenceLines(evidence: unknown, told: Set<string>): readonly string[] {
  if (!isFields(evidence)) return [];
  const { checks, gone, forced } = evidence;
  const parts = [
    fieldsOf(checks).map(checkLine),
    isFields(gone) ? [goneLine(gone)] : [],
    isFields(forced) ? [`forced: ${toJson(forced)}`] : [],
  ];
  const fresh = parts.filter((lines) => lines.length > 0 && !told.has(toJson(lines)));
  for (const lines of fresh) told.add(toJson(lines));
  return fresh.flat().map((line) => `       ${line}`);
}

const checkLine = ({ name, passed, saw }: Fields): string =>
  `${passed === true ? "passed " : "refused"} ${text(name)}: ${text(saw)}`;
const goneLine = ({ by, reason, instances }: Fields): string =>
  `stated to be gone by ${text(by)} (${text(reason)}): ${fieldsOf(instances)
    .map(({ instance, leftMs }) => `${text(instance)}, ${text(leftMs)} ms before its lease ran out`)
    .join("; ")}`;
const text = (value: unknown): string => (typeof value === "string" ? value : toJson(value));
