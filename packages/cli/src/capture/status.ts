import { captureState, misfitsOf } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { sentenceOf } from "../adopt/run.ts";
import { moduleOf } from "../modules.ts";
import { reachMongo } from "../servers.ts";

export interface CaptureOptions {
  readonly module: string;
}

const printed = 20;

/** Where the capture of writes of other programs stands; exit code 1 when something of it blocks guards. */
export const status =
  ({ module: name }: CaptureOptions): Command =>
  async ({ connections }) => {
    moduleOf(name);
    const mongo = connections.mongo(name);
    await reachMongo(mongo);
    const state = await captureState(mongo.db);
    const misfits = await misfitsOf(mongo.db).countDocuments();
    const first = await misfitsOf(mongo.db)
      .find({}, { sort: { _id: 1 }, limit: printed })
      .toArray();
    const uncovered = state?.loss?.coveredAt === null ? state.loss : null;
    // The token is the server's own affair.
    const { token: _, ...told } = state ?? { token: null };
    return {
      holds: uncovered === null && misfits === 0,
      result: { module: name, capture: state === null ? null : told, misfits, first },
      lines: [
        state === null
          ? `${name}: nothing was captured yet; it begins with replication, where MongoDB is the primary and a service runs`
          : `${name}: ${plural(Number(state.stamped), "write")} of other programs captured in generation ${state.generation}; ${state.holder === null ? "nobody captures now" : `captured by ${state.holder}`}, saved ${state.savedAt?.toISOString() ?? "never"}`,
        ...(uncovered === null
          ? []
          : [
              `lost at ${uncovered.at.toISOString()}: ${uncovered.reason}`,
              `  guards refuse until \`stella-data capture rescan --module ${name}\`, or a full comparison, finds nothing`,
            ]),
        ...(misfits === 0 ? [] : [`${plural(misfits, "document")} in a form that the module cannot hold:`]),
        ...first.map((misfit) => `  ${sentenceOf(misfit)}`),
      ],
    };
  };
