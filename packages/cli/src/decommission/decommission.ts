import { emptyMongo, fixedStageOf, instancesOf, kindOf, type Manifest } from "@stellaops/cutover";
import { dataError } from "@stellaops/kernel";
import type { Command, Context, Outcome } from "../context.ts";
import { mustBeReadable, mustBeWritable } from "../files.ts";
import { plural } from "../output/table.ts";
import { reachBoth, wire, type Wired } from "../stage/wiring.ts";
import { archive, isThere, type Archived } from "./archive.ts";
import type { DecommissionOptions } from "./options.ts";
import { prove } from "./prove.ts";

/** Proves that nothing reaches MongoDB, archives what it holds of the module, and only then says that it may go. */
export const decommission =
  (options: DecommissionOptions): Command =>
  async (context) => {
    const { module: name, out, drop = false, yes = false, dryRun = false } = options;
    if (drop && !(yes && out !== undefined))
      throw dataError("DECOMMISSION_CONFIRM", "--drop empties MongoDB: it needs --yes, and --out with the archive");
    const wired = wire(context, name);
    if (out !== undefined) await ((await isThere(out)) ? mustBeReadable(out) : mustBeWritable(out));
    await reachBoth(wired);
    if (options.undo === true) return undo(wired);
    const { at, proofs, passed } = await prove(context, wired, options);
    const result = { module: name, dryRun, epoch: at.epoch, passed, proofs };
    if (!passed || dryRun || out === undefined)
      return { holds: passed, result, lines: [passed ? nothingReaches(name, out) : notYet(name)] };
    await forget(wired, options.gone ?? []);
    const archived = await archive(context, wired, at, out);
    const deleted = drop ? await emptied(context, wired, archived) : null;
    return {
      holds: true,
      result: { ...result, ...archived, deleted },
      lines: [...shown(archived), ...(deleted === null ? mayGo(wired, archived) : [gone(name, deleted, out)])],
    };
  };

const emptied = ({ signal }: Context, { module, mongo, sides, replicas }: Wired, { file }: Archived): Promise<number> =>
  emptyMongo({ module, mongo, sides, replica: replicas.mongo, file, signal });

async function undo({ module: { name }, postgres }: Wired): Promise<Outcome> {
  const fixed = fixedStageOf(postgres.pool, name);
  const found = await fixed.read();
  await fixed.release();
  const was = found !== null && found.releasedAt === null;
  return {
    holds: true,
    result: { module: name, released: was },
    lines: [
      was
        ? `${name}: its stage may change again in ten seconds; start its services with STELLA_${name.toUpperCase()}_STAGE=record, for on the fixed word they serve no longer`
        : `${name} was not decommissioned; there is nothing to undo`,
    ],
  };
}

/** Instances that the operator stated to be gone leave no sign any more. */
async function forget({ sides }: Wired, names: readonly string[]): Promise<void> {
  const { instances } = await instancesOf(sides);
  for (const { instance, database } of instances)
    if (names.includes(instance)) await sides[database].instances.forget(instance);
}

const notYet = (name: string): string =>
  `${name} still needs MongoDB, as told above; its stage stays "postgres" meanwhile (\`stella-data decommission --module ${name} --undo\` lifts that). Mend it and run the same command again`;

const nothingReaches = (name: string, out: string | undefined): string =>
  `nothing of ${name} reaches MongoDB${out === undefined ? "; give --out FILE to archive what is there" : ""}`;

const shown = ({ file, manifest, fileSha256 }: Archived): readonly string[] => [
  `${file}: module ${manifest.module}, epoch ${manifest.epoch}, ${plural(total(manifest), "document")} of ${plural(manifest.collections.length, "collection")}`,
  ...manifest.collections.map(
    ({ collection, documents, sha256 }) => `  ${collection}: ${plural(documents, "document")}, SHA-256 ${sha256}`,
  ),
  fileSha256 === null ? "  written by an earlier run, verified now" : `  SHA-256 of the file ${fileSha256}`,
];

const total = ({ collections }: Manifest): number => collections.reduce((sum, { documents }) => sum + documents, 0);

function mayGo({ module, mongo }: Wired, { manifest, file }: Archived): readonly string[] {
  const own = manifest.collections
    .map(({ collection }) => collection)
    .filter((collection) => kindOf(module, collection) === "data");
  return [
    `${own.join(", ")} of ${mongo.db.databaseName} may go: \`stella-data decommission --module ${module.name} --out ${file} --drop --yes\` empties them`,
    "stage, epoch_… and apply_… must stay for as long as the module may come back to MongoDB",
  ];
}

const gone = (name: string, deleted: number, out: string): string =>
  `${plural(deleted, "document")} deleted; \`stella-data restore --module ${name} --from ${out}\` brings them back`;
