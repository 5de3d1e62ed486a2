import { postgresAlone, restoreArchive, verifyArchive } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { mustBeReadable } from "../files.ts";
import { progressOf } from "../output/progress.ts";
import { plural } from "../output/table.ts";
import { reachBoth, wire } from "../stage/wiring.ts";
import type { RestoreOptions } from "./options.ts";

/** Brings an archive back into a MongoDB that holds nothing of the module. */
export const restore =
  ({ module: name, from: file, dryRun = false }: RestoreOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    const { module, mongo, sides } = wired;
    await mustBeReadable(file);
    if (dryRun) {
      const manifest = await verifyArchive(file);
      await reachBoth(wired);
      await postgresAlone(sides);
      return {
        holds: true,
        result: { module: name, dryRun, file, manifest },
        lines: [`${file} is whole: module ${manifest.module} at epoch ${manifest.epoch}, of ${manifest.archivedAt}`],
      };
    }
    await reachBoth(wired);
    const shown = progressOf(context.terminal, "restore", null);
    const restored = await restoreArchive({
      module,
      mongo,
      sides,
      file,
      signal: context.signal,
      onProgress: (collection, documents) => shown.update(documents, `${collection}: `),
    });
    return {
      holds: true,
      result: { module: name, dryRun, file, ...restored },
      lines: [
        `${name}: ${plural(restored.documents, "document")} brought back as they were at epoch ${restored.manifest.epoch}, and verified`,
        `\`stella-data compare run --module ${name}\` tells what PostgreSQL has changed since`,
      ],
    };
  };
