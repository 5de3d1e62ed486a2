import { nameText, survey, type PathShape, type Survey } from "@stellaops/cutover";
import type { Command, Context, Outcome } from "../context.ts";
import { mustBeWritable } from "../files.ts";
import { progressOf } from "../output/progress.ts";
import { table } from "../output/table.ts";
import { adoptionOf, type AdoptOptions } from "./options.ts";
import { reportTo, type Report } from "./report.ts";

/** Refused documents and reasons printed; the report holds all of them. */
const printed = 20;

/** What the collections hold, and what of it could not be adopted. Changes nothing. */
export const dryRun =
  (options: AdoptOptions): Command =>
  async (context) => {
    await mustBeWritable(options.report);
    const { surveys, first } = await surveyed(context, options, reportTo(options.report));
    const refused = surveys.reduce((sum, one) => sum + one.refused, 0);
    return {
      holds: refused === 0,
      result: { module: options.module, dryRun: true, collections: surveys, first, report: options.report ?? null },
      lines: [...surveys.flatMap(linesOf), ...totals(surveys, options), ...first.map((line) => `  ${line}`)],
    } satisfies Outcome;
  };

/** `first` names the first refused documents, with their first reason. */
export async function surveyed(
  context: Context,
  options: AdoptOptions,
  report: Report,
): Promise<{ readonly surveys: readonly Survey[]; readonly first: readonly string[] }> {
  const first: string[] = [];
  const shown = progressOf(context.terminal, "survey", null);
  try {
    const surveys = await survey({
      ...(await adoptionOf(context, options)),
      onProgress: ({ collection, scanned }) => shown.update(scanned, `${collection}: `),
      async onMisfit(collection, { name, refusals }) {
        const [one] = refusals;
        if (first.length < printed && one !== undefined)
          first.push(`${collection} ${nameText(name)}: ${one.path} ${one.message} (${one.code})`);
        await report.refused(collection, name, refusals);
      },
      onDerived: (collection, { name, tenant, id }) => report.derived(collection, name, { tenant, id }),
    });
    return { surveys, first };
  } finally {
    await report.close();
  }
}

export function linesOf({ collection, shape, reasons }: Survey): readonly string[] {
  if (shape.documents === 0) return [];
  return [
    `${collection}: ${shape.documents} documents`,
    ...table(
      ["path", "in", "types"],
      shape.paths.map((path) => [named(path), present(path), types(path)]),
    ).map(indent),
    ...(shape.morePaths === 0 ? [] : [`  … and more paths (${shape.morePaths} seen)`]),
    ...reasons
      .slice(0, printed)
      .map(
        ({ path, code, message, documents }) =>
          `  refused ${documents}: ${path === "" ? "" : `${path} `}${message} (${code})`,
      ),
    "",
  ];
}

const indent = (line: string): string => `  ${line}`;
const named = ({ path, declared }: PathShape): string => (declared ? path : `${path} (unknown)`);
const present = ({ present: there, of }: PathShape): string => (there === of ? "all" : `${there} of ${of}`);
const types = ({ types: met }: PathShape): string =>
  met
    .map(({ type, count, least, most }) => {
      const range = least === undefined ? "" : least === most ? ` ${text(least)}` : ` ${text(least)} to ${text(most)}`;
      return `${type} ${count}${range}`;
    })
    .join(", ");
const text = (value: unknown): string => {
  const shown = JSON.stringify(value);
  return shown.length > 40 ? `${shown.slice(0, 39)}…` : shown;
};

export function totals(surveys: readonly Survey[], { report }: AdoptOptions): readonly string[] {
  const met = surveys.filter(({ shape }) => shape.documents > 0);
  return [
    ...table(
      ["collection", "documents", "in place", "to adopt", "refused", "derived ids"],
      met.map((one) => [one.collection, one.shape.documents, one.inPlace, one.adoptable, one.refused, one.derived]),
    ),
    ...(report === undefined ? [] : [`every refused document and every derived id is in ${report}`]),
  ];
}
