import { refused, systemClock, uuidV7 } from "@stellaops/kernel";
import { importOsv, openVuln, type Vuln } from "@stellaops/vuln";
import type { Command, Context } from "../context.ts";
import { progressOf, sentence } from "../output/progress.ts";
import { reachMongo, reachPostgres } from "../servers.ts";
import { feedSink, type FeedSink } from "./source.ts";

export interface ImportOptions {
  readonly feed: string;
  readonly tenant?: string;
  readonly source?: string;
  readonly dryRun?: boolean;
}

type Refused = Parameters<NonNullable<Parameters<typeof importOsv>[0]["onRefused"]>>[0];

/** Refused records kept for `--json`; each is told on stderr as it is met. */
const kept = 1_000;

/** Reads a feed of OSV records into the advisories of one tenant, or into those that all tenants read. */
export const importFeed =
  ({ feed, tenant, source = "osv", dryRun = false }: ImportOptions): Command =>
  async (context) => {
    const { terminal, signal } = context;
    const vuln = dryRun ? null : await open(context);
    try {
      const sink = vuln === null ? checked : await sinkOf(vuln, tenant, source);
      const refusals: Refused[] = [];
      let shown: ReturnType<typeof progressOf> | undefined;
      const counts = await importOsv({
        path: feed,
        advisories: sink,
        sourceId: sink.sourceId,
        clock: systemClock,
        ids: uuidV7(systemClock),
        signal,
        onProgress: ({ read, bytes, totalBytes }) => {
          shown ??= progressOf(terminal, "import", totalBytes === null ? null : kilobytes(totalBytes));
          const records = `${sentence(read, null, 0)} records, kB `;
          shown.update(totalBytes === null ? read : kilobytes(bytes), totalBytes === null ? "" : records);
        },
        onRefused: (refusal) => {
          terminal.note(sentenceOf(refusal));
          if (refusals.length < kept) refusals.push(refusal);
        },
      });
      return {
        holds: counts.refused === 0,
        result: { feed, tenant: tenant ?? null, source, ...(dryRun ? { dryRun } : {}), ...counts, refusals },
        lines: [
          dryRun
            ? `${feed}: ${counts.read} read, ${counts.inserted} would be written where they are not there already, ${counts.superseded} superseded, ${counts.refused} refused; nothing was written`
            : `${feed}: ${counts.read} read, ${counts.inserted} inserted, ${counts.updated} updated, ${counts.unchanged} unchanged, ${counts.superseded} superseded, ${counts.refused} refused`,
        ],
      };
    } finally {
      await vuln?.close();
    }
  };

const sinkOf = (vuln: Vuln, tenant: string | undefined, source: string): Promise<FeedSink> =>
  feedSink(tenant === undefined ? vuln.shared() : vuln.tenant(tenant), source);

/** For a dry run: every record is mapped and checked on the way here, and goes no further. */
const checked: FeedSink = {
  sourceId: uuidV7(systemClock).next(),
  ingestBatch: (batch) => Promise.resolve({ inserted: batch.length, updated: 0, unchanged: 0 }),
};

const kilobytes = (bytes: number): number => Math.ceil(bytes / 1_000);

const sentenceOf = ({ source, line, recordId, code, path, reason }: Refused): string =>
  `refused ${source}:${line}${recordId === null ? "" : ` ${recordId}`}${path === null ? "" : ` at ${path}`}: ${code}: ${reason}`;

/** On the database that the stage says; where nothing says so, as the stage record does. */
async function open({ settings, connections, logger }: Context): Promise<Vuln> {
  const stage = settings.stage("vuln") ?? "record";
  if (stage !== "mongo" && stage !== "postgres" && stage !== "record")
    throw refused("STAGE_WORD", `STELLA_VULN_STAGE is "${stage}": set it to "mongo", "postgres" or "record"`);
  const postgres = stage === "mongo" ? undefined : connections.postgres("postgresUrl", "vuln");
  const mongo = stage === "postgres" ? undefined : connections.mongo("vuln");
  if (postgres !== undefined) await reachPostgres(postgres);
  if (mongo !== undefined) await reachMongo(mongo);
  return openVuln({
    stage,
    logger,
    ...(postgres === undefined ? {} : { postgres }),
    ...(mongo === undefined ? {} : { mongo }),
  });
}
