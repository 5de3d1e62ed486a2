import { normaliseKey, type ClaimRef, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { MongoJobs, table, type Unit } from "@stellaops/mongo";
import { deliveries, deliveryQueue } from "../aggregates.ts";
import { acknowledged, movedDelivery, notSent, queuedDelivery, sent } from "../domain/deliveries.ts";
import { purgedStatuses } from "../domain/delivery-states.ts";
import type { Deliveries, DeliveryTransition, Enqueue, NotSent, Sent } from "../repositories/deliveries.ts";

const verbs = table(deliveries);

const newest = verbs.list("listNewest", { order: ["createdAt"], direction: "desc" });

export class MongoDeliveries extends MongoJobs<typeof deliveries> implements Deliveries {
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

  async acknowledge(given: string, when: Date) {
    const { id, at } = acknowledged(given, when);
    return this.change(
      { id, status: { $in: ["sent", "delivered"] } },
      { $set: { status: "acknowledged", updatedAt: at } },
    );
  }

  async transition(transition: DeliveryTransition) {
    return this.changeOne(movedDelivery(transition));
  }

  async findByKey(idempotencyKey: string) {
    return this.first(normaliseKey(deliveries, { idempotencyKey }));
  }

  async listNewest(request: PageRequest = {}) {
    return this.page(newest, {}, {}, request);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request, { status: purgedStatuses });
  }
}
