import {
  catchUpOn,
  compareModule,
  coverLoss,
  findingsOf,
  lossMark,
  rescan,
  situationOf,
  stages,
  viewOf,
  type StageView,
} from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import { setTimeout as wait } from "node:timers/promises";
import type { Command, Context } from "../context.ts";
import { compareProgress } from "../compare/progress.ts";
import { plural } from "../output/table.ts";
import { reachBoth, settledView, wire, type Wired } from "../stage/wiring.ts";
import { withReplication } from "../stage/with-replication.ts";
import { version } from "../version.ts";
import type { CaptureOptions } from "./status.ts";

/** Comparisons at most: what differs is replicated anew after each, and other programs may go on writing. */
const rounds = 5;

/** Finds what other programs wrote while nothing was captured, replicates it, and covers a loss once a full comparison finds nothing. */
export const runRescan =
  ({ module: name }: CaptureOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const view = async (): Promise<StageView> => replicating(await settledView(wired), name);
    await view();
    return withReplication(context, wired, async () => {
      const { mongo, module } = wired;
      const options = { module, mongo, view, signal: context.signal };
      const scanned = await rescan(options);
      let caughtUp = 0;
      for (let round = 1; ; round += 1) {
        await drained(context, wired);
        const mark = await lossMark(mongo.db);
        const comparison = await compare(context, wired);
        const findings = findingsOf(comparison);
        if (findings === 0) await coverLoss(mongo.db, mark);
        const stamped =
          findings === 0 || round === rounds
            ? 0
            : await catchUpOn(
                options,
                comparison.aggregates.flatMap((one) => one.findings),
              );
        caughtUp += stamped;
        if (stamped > 0) continue;
        return {
          holds: findings === 0,
          result: { module: name, ...scanned, caughtUp, findings },
          lines: [
            `${name}: ${plural(scanned.documents, "document")} looked at, ${scanned.stamped} brought into the register, ${plural(scanned.deleted, "deletion")} found, ${caughtUp} more found by comparing`,
            findings === 0
              ? "no findings: both databases hold the same, and what was lost is covered"
              : `${plural(findings, "finding")} left: \`stella-data compare run --module ${name}\` names them`,
          ],
        };
      }
    });
  };

function replicating(view: StageView, module: string): StageView {
  if (view.primary === "mongo" && stages[view.stage].secondary !== null) return view;
  throw refused(
    "CAPTURE_STAGE",
    `module ${module} is at stage "${view.stage}"; writes of other programs are captured while MongoDB is the primary and something is replicated ("dual-write", "shadow")`,
  );
}

/** What is pending reaches the secondary; what is parked is found by the comparison. */
async function drained({ signal }: Context, { replicas }: Wired): Promise<void> {
  while ((await replicas.mongo.backlog()).pending > 0) await wait(50, undefined, { signal });
}

const compare = async (context: Context, wired: Wired) =>
  compareModule({
    module: wired.module,
    postgres: wired.postgres.pool,
    mongo: wired.mongo.db,
    view: viewOf((await situationOf(wired.sides)).at),
    signal: context.signal,
    onProgress: await compareProgress(context, wired),
    toolVersion: version,
  });
