import { forceRecovery, lossOf, type Loss } from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import { createInterface } from "node:readline/promises";
import type { Command, Context } from "../context.ts";
import { byWhom } from "./by.ts";
import { handsOf } from "./change.ts";
import type { StageOptions } from "./options.ts";
import { wire, type Wired } from "./wiring.ts";

/** Goes on with the database that is left, once somebody has read what that assumes. */
export const force =
  (options: StageOptions): Command =>
  async (context) => {
    const { module, dryRun = false } = options;
    const { terminal } = context;
    const wired = wire(context, module);
    const loss = await lossOf(wired.sides, module);
    const known = await knownOf(wired, loss);
    const assumes = [...loss.assumes, ...known];
    for (const sentence of assumes) terminal.note(`assumed: ${sentence}`);
    const { lost, survivor } = loss;
    if (dryRun)
      return {
        holds: true,
        result: { module, dryRun, lost, survivor, epoch: loss.epoch, assumes },
        lines: [`${module} would go on with ${survivor} alone, epoch ${loss.epoch}, and give up ${lost}`],
      };
    if (!(await confirmed(context, options, loss)))
      throw refused("STAGE_FORCE", `nobody confirmed that ${lost} is lost for good; add --yes to confirm it`, {
        details: { lost, assumes },
      });
    const hands = handsOf(context, wired, byWhom(options, "recover --force"));
    const view = await forceRecovery({ ...hands, loss: { ...loss, assumes } });
    return {
      holds: true,
      result: { module, dryRun, lost, survivor, assumes, ...view },
      lines: [
        `${module} goes on with ${survivor} alone, epoch ${view.epoch}; ${lost} is given up`,
        `keep services away from ${lost}; when it answers again, run \`stella-data stage recover --module ${module}\` to retire its copy`,
      ],
    };
  };

/** What the survivor can tell of how complete it is. */
async function knownOf({ postgres, replicas }: Wired, { survivor, module }: Loss): Promise<readonly string[]> {
  const { pending, parked } = await replicas[survivor].backlog();
  const own = `${survivor} holds ${pending} pending and ${parked} parked keys of its own, of an earlier time as primary`;
  if (survivor === "mongo") return [own];
  const { rows } = await postgres.pool.query<{ readonly generation: string; readonly done: boolean }>(
    `select generation::text, backfilled_at is not null and swept_at is not null as done
 from cutover.replication where module = $1 order by cutover.replication.generation desc limit 1`,
    [module],
  );
  const [last] = rows;
  if (last === undefined) return [own, "no backfill to postgres was ever completed: what was in mongo is missing"];
  return [
    own,
    last.done
      ? `the backfill of generation ${last.generation} is complete in postgres`
      : `the backfill of generation ${last.generation} is NOT complete in postgres: what it had not copied is missing`,
  ];
}

async function confirmed({ terminal, json, signal }: Context, { yes }: StageOptions, loss: Loss): Promise<boolean> {
  if (yes === true) return true;
  if (json || !terminal.interactive) return false;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (
      (await asked.question(`Type the name of the lost database to give it up: `, { signal })).trim() === loss.lost
    );
  } finally {
    asked.close();
  }
}
