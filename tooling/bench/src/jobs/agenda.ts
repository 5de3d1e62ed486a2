import { MongoBackend } from "@agendajs/mongo-backend";
import type { Mongo } from "@stellaops/mongo";
import type { Peer } from "./queue.ts";

const name = "evaluate";
const collection = "agendaJobs";
/** Agenda's default: a lock older than this is taken over. */
const lockMs = 10 * 60_000;

/** Agenda's next job, as its processor asks for it, through a client of the same settings as the module's; it has no claim of several. */
export async function agenda({ db }: Mongo): Promise<Peer> {
  const backend = new MongoBackend({ mongo: db, collection });
  await backend.connect();
  const { repository } = backend;
  return {
    async fill(count) {
      const jobs = db.collection(collection);
      await jobs.deleteMany({});
      const due = Date.now() - 3_600_000;
      await repository.saveJob(
        { name, type: "normal", priority: 0, nextRunAt: new Date(due), data: { mode: "full" } },
        undefined,
      );
      // The others are what it has written, again and again: it saves one job at a time.
      const { _id, ...saved } = (await jobs.findOne({})) ?? {};
      await jobs.insertMany(Array.from({ length: count - 1 }, (_, i) => ({ ...saved, nextRunAt: new Date(due + i) })));
    },
    async claim(limit) {
      if (limit !== 1) throw new RangeError("Agenda claims one job at a time");
      const now = Date.now();
      const job = await repository.getNextJobToRun(
        name,
        new Date(now),
        new Date(now - lockMs),
        new Date(now),
        undefined,
      );
      return job === undefined ? 0 : 1;
    },
    [Symbol.asyncDispose]: () => backend.disconnect(),
  };
}
