import { normaliseKey, type ClaimRef, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { PostgresJobs, table, type Unit } from "@stellaops/postgres";
import { deliveries, deliveryQueue } from "../aggregates.ts";
import { acknowledged, movedDelivery, notSent, queuedDelivery, sent } from "../domain/deliveries.ts";
import { purgedStatuses } from "../domain/delivery-states.ts";
import type { Deliveries, DeliveryTransition, Enqueue, NotSent, Sent } from "../repositories/deliveries.ts";
import type { DB } from "./generated/database.ts";

const { change, byKey, list, whole, ...verbs } = table<DB, "deliveries", typeof deliveries>(deliveries);

const ofKey = byKey<{ idempotencyKey: string }>("idempotencyKey");

const newest = list<object>()("listNewest", { order: ["createdAt"], direction: "desc" });

const acknowledge = change<{ id: string; at: Date }>()((db, { tenant, id, at }) =>
  db
    .updateTable("deliveries")
    .set(({ eb }) => ({ status: "acknowledged", updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where("id", "=", id)
    .where("status", "in", ["sent", "delivered"])
    .returning(whole),
);

export class PostgresDeliveries extends PostgresJobs<typeof deliveries> implements Deliveries {
  constructor(unit: Unit) {
    super(unit, verbs, deliveryQueue);
  }

  async enqueue(enqueue: Enqueue) {
    const delivery = queuedDelivery(enqueue);
    const { one, created } = await this.createOnce(delivery, { idempotencyKey: delivery.idempotencyKey });
    return { delivery: one, created };
  }

  async markSent(ref: ClaimRef, how: Sent) {
    return this.settling(ref, sent(how));
  }

  async markFailed(ref: ClaimRef, failed: NotSent) {
    return this.settling(ref, notSent(ref, failed));
  }

  async acknowledge(id: string, at: Date) {
    return (await this.change(acknowledge, acknowledged(id, at)))[0] ?? null;
  }

  async transition(transition: DeliveryTransition) {
    return this.changeOne(movedDelivery(transition));
  }

  async findByKey(idempotencyKey: string) {
    return this.first(ofKey, normaliseKey(deliveries, { idempotencyKey }));
  }

  async listNewest(request: PageRequest = {}) {
    return this.page(newest, {}, request);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request, { status: purgedStatuses });
  }
}
