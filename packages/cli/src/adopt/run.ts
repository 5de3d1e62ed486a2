import { adopt, misfitsOf, namesOf, nameText, type Adopted, type MisfitDocument } from "@stellaops/cutover";
import type { Mongo } from "@stellaops/mongo";
import type { Command } from "../context.ts";
import { mustBeWritable } from "../files.ts";
import { progressOf } from "../output/progress.ts";
import { plural, table } from "../output/table.ts";
import { adoptionOf, type AdoptOptions } from "./options.ts";
import { reportTo } from "./report.ts";
import { surveyed, linesOf } from "./survey.ts";

/** Refused documents printed; the report holds all of them. */
const printed = 20;

/** Surveys the collections, and brings into the module's shape what fits. */
export const runAdopt =
  (options: AdoptOptions): Command =>
  async (context) => {
    await mustBeWritable(options.report);
    const adoption = await adoptionOf(context, options);
    const { surveys } = await surveyed(context, options, reportTo(undefined));
    for (const line of surveys.flatMap(linesOf)) context.terminal.note(line);
    const total = surveys.reduce((sum, { shape }) => sum + shape.documents, 0);
    const shown = progressOf(context.terminal, "adopt", total);
    const scanned = new Map<string, number>();
    const adopted = await adopt({
      ...adoption,
      onProgress: ({ collection, scanned: now }) => {
        scanned.set(collection, now);
        shown.update(
          [...scanned.values()].reduce((sum, count) => sum + count, 0),
          `${collection}: `,
        );
      },
    });
    const tables = adopted.map(({ collection }) => collection);
    const first = await reported(adoption.mongo, tables, options.report);
    const refused = adopted.reduce((sum, one) => sum + one.refused, 0);
    return {
      holds: refused === 0,
      result: { module: options.module, dryRun: false, collections: adopted, first, report: options.report ?? null },
      lines: linesOfRun(adopted, first, options),
    };
  };

/** From what is stored, so that the report of a resumed adoption is whole. The first refused documents, as sentences. */
async function reported(
  { db }: Mongo,
  tables: readonly string[],
  path: string | undefined,
): Promise<readonly string[]> {
  const report = reportTo(path);
  const first: string[] = [];
  const of = { aggregate: { $in: [...tables] } };
  try {
    for await (const { aggregate, name, refusals } of misfitsOf(db).find(of, { sort: { _id: 1 } })) {
      if (first.length < printed) first.push(sentenceOf({ aggregate, name, refusals }));
      else if (path === undefined) break;
      await report.refused(aggregate, name, refusals);
    }
    if (path === undefined) return first;
    for await (const { _id, aggregate, tenantId: tenant, id } of namesOf(db).find(
      { ...of, derived: true },
      { sort: { _id: 1 } },
    ))
      await report.derived(aggregate, JSON.parse(_id.slice(aggregate.length + 1)), { tenant, id });
    return first;
  } finally {
    await report.close();
  }
}

export const sentenceOf = ({
  aggregate,
  name,
  refusals,
}: Pick<MisfitDocument, "aggregate" | "name" | "refusals">): string => {
  const reasons = refusals
    .slice(0, 3)
    .map(({ path, code, message }) => `${path === "" ? "" : `${path} `}${message} (${code})`);
  const more = refusals.length > reasons.length ? `; and ${refusals.length - reasons.length} more` : "";
  return `${aggregate} ${nameText(name)}: ${reasons.join("; ")}${more}`;
};

function linesOfRun(adopted: readonly Adopted[], first: readonly string[], { module, report }: AdoptOptions) {
  const refused = adopted.reduce((sum, one) => sum + one.refused, 0);
  return [
    ...table(
      ["collection", "documents", "adopted", "in place", "refused"],
      adopted.map((one) => [one.collection, one.scanned, one.adopted, one.inPlace, one.refused]),
    ),
    ...first.map((line) => `  ${line}`),
    ...(report === undefined ? [] : [`every refused document and every derived id is in ${report}`]),
    refused === 0
      ? `next: \`stella-data migrate apply --module ${module} --backend mongo\` builds the indexes`
      : `${plural(refused, "document")} stay as they are: mend or delete them, and run it again`,
  ];
}
