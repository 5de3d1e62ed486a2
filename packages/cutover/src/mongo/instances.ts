import type { Db } from "mongodb";
import type { Instance, InstanceTable, SeenInstance } from "../stage/instance.ts";

interface InstanceDocument extends Omit<Instance, "instance"> {
  readonly _id: string;
  readonly seenAt: Date;
}
interface AgedDocument extends InstanceDocument {
  readonly ageMs: number | bigint;
}

const dayMs = 86_400_000;

export function mongoInstances(db: Db): InstanceTable {
  const instances = db.collection<InstanceDocument>("instances");
  return {
    async sign({ instance, ...told }) {
      // A pipeline, because only it can stamp the server's time; literals, because names may begin with "$".
      const set = { $set: { ...literals(told), seenAt: "$$NOW" } };
      await instances.updateOne({ _id: instance }, [set], { upsert: true });
    },
    async forgetSilent() {
      await instances.deleteMany({ $expr: { $lt: ["$seenAt", { $subtract: ["$$NOW", dayMs] }] } });
    },
    async seen() {
      const age = { $set: { ageMs: { $max: [0, { $subtract: ["$$NOW", "$seenAt"] }] } } };
      const found = await instances.aggregate<AgedDocument>([age, { $sort: { _id: 1 } }]).toArray();
      return found.map(({ _id: instance, seenAt: _, ageMs, ...told }): SeenInstance => ({
        ...told,
        instance,
        ageMs: Number(ageMs),
      }));
    },
    async forget(instance) {
      await instances.deleteOne({ _id: instance });
    },
  };
}

const literals = (values: object): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]));
