import {
  formatName,
  postgresAlone,
  verifyArchive,
  writeArchive,
  type Manifest,
  type StageRecord,
} from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import { access } from "node:fs/promises";
import type { Context } from "../context.ts";
import { progressOf } from "../output/progress.ts";
import type { Wired } from "../stage/wiring.ts";
import { version } from "../version.ts";

export interface Archived {
  readonly file: string;
  readonly manifest: Manifest;
  /** Null where the file was there already. */
  readonly fileSha256: string | null;
}

/** Writes the archive, or verifies the one that an earlier run wrote. @throws `ARCHIVE_…` (refused) */
export async function archive(context: Context, wired: Wired, at: StageRecord, file: string): Promise<Archived> {
  const { module, mongo, sides } = wired;
  if (await isThere(file)) {
    const manifest = await verifyArchive(file);
    if (manifest.module === module.name && manifest.epoch === String(at.epoch))
      return { file, manifest, fileSha256: null };
    throw refused(
      "ARCHIVE_EXISTS",
      `${file} holds module ${manifest.module} at epoch ${manifest.epoch}; give another name`,
    );
  }
  const shown = progressOf(context.terminal, "archive", null);
  const header = {
    format: formatName,
    module: module.name,
    database: mongo.db.databaseName,
    stage: at.stage,
    epoch: String(at.epoch),
    generation: String(at.generation),
    archivedAt: new Date().toISOString(),
    toolVersion: version,
  } as const;
  const written = await writeArchive({
    db: mongo.db,
    file,
    header,
    signal: context.signal,
    onProgress: (collection, documents) => shown.update(documents, `${collection}: `),
  });
  // What is on the disk, not what was sent there.
  await verifyArchive(file);
  const now = await postgresAlone(sides);
  if (now.epoch !== at.epoch)
    throw refused("STAGE_UNDER_WAY", "the stage changed while it was archived; remove the file and begin again");
  return { file, manifest: written.manifest, fileSha256: written.fileSha256 };
}

export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
