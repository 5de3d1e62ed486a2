import { refused } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { StageRecord } from "../record.ts";
import { isAfter } from "../record.ts";
import { serverCode } from "../errors.ts";
import type { StageRecords } from "../side.ts";

type Stored = Omit<StageRecord, "database">;
interface StageDocument extends Stored {
  readonly _id: "stage";
}
interface HistoryDocument extends Stored {
  readonly _id: string;
}

const durable = { writeConcern: { w: "majority", journal: true } } as const;

export function mongoRecords(db: Db, module: string): StageRecords {
  const stage = db.collection<StageDocument>("stage");
  const history = db.collection<HistoryDocument>("stage_history");
  /** A copy enters the history before it is replaced, so that no crash leaves a line out; the last line is the record itself. */
  const remember = async ({ database: _, ...copy }: StageRecord): Promise<void> => {
    await history.updateOne({ _id: `${copy.epoch}/${copy.state}` }, { $setOnInsert: copy }, { upsert: true });
  };
  return {
    async read() {
      const found = await stage.findOne(
        { _id: "stage" },
        { readConcern: { level: "majority" }, readPreference: "primary" },
      );
      if (found === null) return null;
      const { _id, ...copy } = found;
      if (copy.module !== module) throw foreign(db.databaseName, copy.module, module);
      return { ...copy, database: "mongo" };
    },
    async compareAndSet(from, { database: _, changedAt: __, ...to }) {
      if (from === null) return insert(stage, { _id: "stage", ...to, changedAt: new Date() });
      if (!isAfter(to, from)) return false;
      await remember(from);
      // A pipeline, because only it can stamp the server's time; literals, because reasons may begin with "$".
      const changed = await stage.findOneAndUpdate(
        { _id: "stage", state: from.state, epoch: from.epoch },
        [{ $replaceWith: { $mergeObjects: [{ $literal: { _id: "stage", ...to } }, { changedAt: "$$NOW" }] } }],
        durable,
      );
      return changed !== null;
    },
  };
}

/** Two modules in one database would take each other's stage, register and collections for their own. */
const foreign = (database: string, held: string, module: string): Error =>
  refused(
    "STAGE_FOREIGN",
    `MongoDB database ${database} holds the stage record of module ${held}; give module ${module} a database of its own`,
    { details: { database, held, module } },
  );

type Stages = ReturnType<typeof collectionOf>;
const collectionOf = (db: Db) => db.collection<StageDocument>("stage");

const insert = (stage: Stages, document: StageDocument): Promise<boolean> =>
  stage.insertOne(document, durable).then(
    () => true,
    (error: unknown) => {
      if (serverCode(error) === 11000) return false;
      throw error;
    },
  );
