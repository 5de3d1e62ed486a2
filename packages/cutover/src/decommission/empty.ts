import { refused, type ModuleDefinition } from "@stellaops/kernel";
import { registerCollection, type Mongo } from "@stellaops/mongo";
import type { Replica } from "../replication/replica.ts";
import type { Sides } from "../side.ts";
import { kindOf, rawDocuments } from "./collections.ts";
import { readArchive } from "./read-archive.ts";
import { postgresAlone } from "./situation.ts";

export interface EmptyOptions {
  readonly module: ModuleDefinition;
  readonly mongo: Mongo;
  readonly sides: Sides;
  readonly replica: Replica;
  /** The archive that holds what is deleted. */
  readonly file: string;
  readonly signal?: AbortSignal;
}

/**
 * Deletes the module's rows and register entries from MongoDB, after it was verified that the archive holds exactly them. It is the sweep of the
 * generation that began when replication ended: it deletes only what is older, so one that sleeps until MongoDB is filled again deletes nothing.
 * Collections, indexes, the stage's copy and every epoch stay: the way back needs them, and safety rests on closed epochs being there.
 * @returns how many rows @throws `ARCHIVE_…`, `ARCHIVE_OUTDATED`, `STAGE_NOT_POSTGRES` (refused)
 */
export async function emptyMongo(options: EmptyOptions): Promise<number> {
  const { module, sides, replica, signal } = options;
  const at = await postgresAlone(sides);
  await holdsAll(options);
  await sides.mongo.fence.closeApplies(at.generation, at.generations);
  let deleted = 0;
  for (const aggregate of module.aggregates) deleted += await replica.sweep(aggregate, at.generation, signal);
  return deleted;
}

/**
 * Is everything that is in the module's collections in the archive, as it is? Both are in the order of `_id`, so it is enough to walk them side
 * by side. What an emptying that was interrupted has deleted already may be missing.
 */
async function holdsAll({ module, mongo: { db }, file }: EmptyOptions): Promise<void> {
  const unseen = new Set([...module.aggregates.map(({ table }) => table), registerCollection]);
  const outdated = new Set<string>();
  let name = "";
  let stored: AsyncIterator<Uint8Array> | null = null;
  let current: Uint8Array | undefined;
  const step = async (): Promise<void> => {
    const next = await stored?.next();
    current = next?.done === false ? next.value : undefined;
  };
  for await (const part of readArchive(file)) {
    if (part.kind === "collection") {
      name = part.head.collection;
      stored = kindOf(module, name) === "data" ? rawDocuments(db, name) : null;
      unseen.delete(name);
      await step();
    } else if (part.kind === "document" && current !== undefined && Buffer.compare(current, part.bytes) === 0)
      await step();
    else if (part.kind === "tally" && current !== undefined) {
      outdated.add(name);
      await stored?.return?.();
    } else if (part.kind === "header" && part.header.module !== module.name)
      outdated.add(`module ${part.header.module}`);
  }
  for (const missing of unseen) if ((await rawDocuments(db, missing).next()).done !== true) outdated.add(missing);
  if (outdated.size === 0) return;
  throw refused(
    "ARCHIVE_OUTDATED",
    `the archive is not what MongoDB holds of ${[...outdated].join(", ")}; archive it again, to another file`,
    { details: { outdated: [...outdated] } },
  );
}
