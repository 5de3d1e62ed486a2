import { aSource } from "@stellaops/testkit/source";
import { keysOf, type Key } from "../hot-keys/keys.ts";
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
    await rig.mongo.db.collection<Blocker>("advisories").insertMany(
      // Several, since a service beside it may be the one that sets a key aside.
      Array.from({ length: 20 }, (_, i) => {
        const name = `prove-${i}`;
        return { _id: name, tenantId: "acme", id: name, advisoryKey: `${load}-0-${3 * i + 2}` };
      }),
    );
}

interface Blocker {
  readonly _id: string;
  readonly tenantId: string;
  readonly id: string;
  readonly advisoryKey: string;
}

/** The secondary takes everything again. */
export async function refuseNone({ rig, primary }: Lane): Promise<void> {
  if (primary === "mongo") await rig.sql("alter table vuln.advisories drop constraint ck_advisories_prove");
  else await rig.mongo.db.collection<Blocker>("advisories").deleteMany({ _id: /^prove-/ });
}

/** Something that a script is to change past the library. */
export async function plantOutside(lane: Lane, load: string): Promise<void> {
  const { sources } = lane.service().tenant("acme");
  for (const { id, key } of outside(load)) await sources.put(aSource(id, { key, name: "inside" }), 0n);
}

/** A script changes documents that it did not make, and knows nothing of this library. */
export async function writeFromOutside({ rig }: Lane, load: string): Promise<void> {
  const name = `from outside at ${performance.now()}`;
  for (const { key } of outside(load)) await rig.mongo.db.collection("sources").updateOne({ key }, { $set: { name } });
}

const outside = (load: string): readonly Key[] =>
  keysOf(3, load.length).map(({ id, key }) => ({ id, key: `${load} ${key}` }));
