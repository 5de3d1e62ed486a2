import { keysOf, sourceOf, type Key } from "../hot-keys/source.ts";
import type { Lane } from "./lane.ts";

/** What is planted in the databases so that processes come to points which a quiet day does not reach. */

/** Every key of the primary waits to be applied again, as if no applier had come to it. */
export async function markAllPending({ rig, primary }: Lane): Promise<void> {
  if (primary === "postgres")
    await rig.sql("update cutover.register set pending = true where module = 'vuln' and not pending");
  else await rig.mongo.db.collection("register").updateMany({ pending: false }, { $set: { pending: true } });
}

/** The secondary refuses some of what the load of that name writes: a rule on PostgreSQL, on MongoDB a document that holds its key. */
export async function refuseSome({ rig, primary }: Lane, load: string): Promise<void> {
  if (primary === "mongo")
    await rig.sql(
      "alter table vuln.advisories add constraint ck_advisories_prove check (title not like 'changed in turn %7') not valid",
    );
  else
    await rig.mongo.db
      .collection<{ _id: string; tenantId: string; id: string; advisoryKey: string }>("advisories")
      .insertOne({ _id: blocker, tenantId: "acme", id: blocker, advisoryKey: `${load}-0-2` });
}
const blocker = "prove";

/** The secondary takes everything again. */
export async function refuseNone({ rig, primary }: Lane): Promise<void> {
  if (primary === "mongo") await rig.sql("alter table vuln.advisories drop constraint ck_advisories_prove");
  else await rig.mongo.db.collection<{ _id: string }>("advisories").deleteOne({ _id: blocker });
}

/** Something that a script is to change past the library. */
export async function plantOutside(lane: Lane, load: string): Promise<void> {
  for (const key of outside(load)) await lane.service().tenant("acme").sources.put(sourceOf(key, "inside"), 0n);
}

/** A script changes documents that it did not make, and knows nothing of this library. */
export async function writeFromOutside({ rig }: Lane, load: string): Promise<void> {
  const name = `from outside at ${performance.now()}`;
  for (const { key } of outside(load)) await rig.mongo.db.collection("sources").updateOne({ key }, { $set: { name } });
}

const outside = (load: string): readonly Key[] =>
  keysOf(3, load.length).map(({ id, key }) => ({ id, key: `${load} ${key}` }));
