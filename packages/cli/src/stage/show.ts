import { showStage, stages, type Copies, type StageRecord } from "@stellaops/cutover";
import { refused, unavailable } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import type { StageOptions } from "./options.ts";
import { wire, type Wired } from "./wiring.ts";

/** Where the module is, what is under way, and what is still to be replicated. */
export const show =
  ({ module }: StageOptions): Command =>
  async (context) => {
    const wired = wire(context, module);
    const { copies, situation } = await showStage(wired.sides);
    if (situation.kind === "none")
      throw refused(
        "STAGE_NONE",
        `module ${module} has no stage record; run \`stella-data stage init --module ${module} --stage mongo\``,
      );
    if (situation.kind === "unknown")
      throw unavailable(
        "STAGE_UNKNOWN",
        `the stage cannot be told while ${situation.waitsFor.join(" and ") || "a change"} does not answer; bring it back and try again`,
      );
    const { kind, at } = situation;
    const replication = await replicationOf(wired, at);
    const { primary, secondary } = stages[at.stage];
    return {
      holds: true,
      result: { module, situation: kind, at, primary, secondary, answering: answering(copies), replication },
      lines: [
        `${module} is at "${at.stage}" (${kind}${at.target === null ? "" : `, on its way to "${at.target}"`})`,
        `  primary ${primary}, secondary ${secondary ?? "none"}, epoch ${at.epoch}, generation ${at.generation}`,
        `  since ${at.changedAt.toISOString()} by ${at.changedBy}: ${at.reason}`,
        `  answering: ${answering(copies).join(" and ")}`,
        ...(replication === null
          ? []
          : [
              `  pending ${replication.pending}, parked ${replication.parked}`,
              `  backfilled ${replication.backfilledAt ?? "not yet"}, swept ${replication.sweptAt ?? "not yet"}`,
            ]),
      ],
    };
  };

const answering = (copies: Copies): readonly string[] =>
  (["mongo", "postgres"] as const).filter((database) => copies[database] !== undefined);

/** Null where nothing is replicated, or the database that would tell does not answer. */
async function replicationOf({ replicas, progress }: Wired, at: StageRecord) {
  if (stages[at.stage].secondary === null) return null;
  const [backlog, state] = await Promise.allSettled([replicas[at.database].backlog(), progress.state(at.generation)]);
  if (backlog.status === "rejected" || state.status === "rejected") return null;
  return {
    ...backlog.value,
    backfilledAt: state.value.backfilledAt?.toISOString() ?? null,
    sweptAt: state.value.sweptAt?.toISOString() ?? null,
  };
}
