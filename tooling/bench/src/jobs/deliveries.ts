import { randomUUID } from "node:crypto";
import { seededIds, systemClock } from "@stellaops/kernel";
import { bulkLoad as loadMongo, type Mongo } from "@stellaops/mongo";
import { bulkLoad as loadPostgres, type Postgres } from "@stellaops/postgres";
import { notify, openNotify, type Delivery, type Notify } from "@stellaops/notify";
import { beside } from "../beside.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Queue } from "./queue.ts";

const definition = notify.aggregates[3];

/** The deliveries of the notify module on both servers of a rig. */
export interface Deliveries extends AsyncDisposable {
  readonly app: Postgres;
  readonly mongo: Mongo;
  readonly onPostgres: Queue;
  readonly onMongo: Queue;
}

export async function deliveriesOf(rig: Rig): Promise<Deliveries> {
  const there = await beside(rig, { module: notify, open: openNotify });
  const { app, mongo } = there;
  return {
    app,
    mongo,
    onPostgres: {
      claim: claimsOf(there.onPostgres),
      async fill(count) {
        await rig.sql(`truncate notify.${definition.table}`);
        await loadPostgres(rig.replicator.pool, definition, tenant, due(count));
        await rig.sql(`vacuum analyze notify.${definition.table}`);
      },
    },
    onMongo: {
      claim: claimsOf(there.onMongo),
      async fill(count) {
        await mongo.db.collection(definition.table).deleteMany({});
        await loadMongo(mongo, definition, tenant, due(count));
      },
    },
    [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
  };
}

const claimsOf =
  ({ tenant: of }: Notify): Queue["claim"] =>
  async (limit) => {
    const at = systemClock.now();
    const lease = { at, until: new Date(at.getTime() + 60_000) };
    return (await of(tenant).deliveries.claim({ limit, holder: "bench", ...lease, claimId: randomUUID() })).length;
  };

const ids = seededIds(systemClock, 13);

function* due(count: number): Generator<Delivery> {
  for (let made = 0; made < count; made += 1) {
    const now = systemClock.now();
    const id = ids.next();
    yield {
      id,
      ruleId: id,
      channelId: id,
      eventId: `event ${made}`,
      status: "queued",
      attempt: 0n,
      idempotencyKey: id,
      payloadHash: "0".repeat(64),
      rendered: { text: "a component was found" },
      response: null,
      error: null,
      nextAttemptAt: now,
      sentAt: null,
      leaseHolder: null,
      leaseUntil: null,
      claimId: null,
      createdAt: now,
      updatedAt: now,
    };
  }
}
