import type { ChildChange, ClaimRef, ClaimRequest, Guarded, PageRequest, PurgeRequest } from "@stellaops/kernel";
import {
  MongoAudit,
  MongoClaims,
  MongoJobs,
  MongoLocks,
  MongoSoftRepository,
  table,
  type Unit,
} from "@stellaops/mongo";
import {
  alarmQueue,
  alarms,
  audit,
  errandQueue,
  errands,
  goods,
  locks,
  orderQueue,
  orders,
  type Good,
} from "./aggregates.ts";
import type { Alarms, Goods } from "./repositories.ts";

const ofGoods = table(goods);
const ofOrders = table(orders);
const ofErrands = table(errands);
const ofAlarms = table(alarms);
const ofLocks = table(locks);
const ofAudit = table(audit);

const newest = ofGoods.list("listNewest", { order: ["createdAt", "sold"], direction: "desc" });

class ShopGoods extends MongoSoftRepository<typeof goods> implements Goods {
  constructor(unit: Unit) {
    super(unit, ofGoods);
  }
  alter(guarded: Guarded<typeof goods>) {
    return this.changeOne(guarded);
  }
  label(id: string, at: Date, child: ChildChange<typeof goods>) {
    return this.changeOne({ where: { id, deletedAt: null }, set: { updatedAt: at }, child });
  }
  appendGoods(batch: readonly Good[]) {
    return this.appendAll(batch, 3);
  }
  listNewest(request: PageRequest = {}) {
    return this.page(newest, {}, {}, request);
  }
}
class ShopOrders extends MongoJobs<typeof orders> {
  constructor(unit: Unit) {
    super(unit, ofOrders, orderQueue);
  }
}
class ShopErrands extends MongoJobs<typeof errands> {
  constructor(unit: Unit) {
    super(unit, ofErrands, errandQueue);
  }
  purge(request: PurgeRequest) {
    return this.purgeOld(request, { status: ["succeeded", "failed"] });
  }
}
class ShopAlarms extends MongoClaims<typeof alarms> implements Alarms {
  constructor(unit: Unit) {
    super(unit, ofAlarms, alarmQueue);
  }
  claimDue(request: ClaimRequest) {
    return this.take(request);
  }
  advance(ref: ClaimRef, at: Date, nextAt: Date | null) {
    return this.settle(ref, at, { set: { nextAt }, add: { missed: 1n } });
  }
}
class ShopLocks extends MongoLocks<typeof locks> {
  constructor(unit: Unit) {
    super(unit, ofLocks);
  }
}
class ShopAudit extends MongoAudit<typeof audit> {
  constructor(unit: Unit) {
    super(unit, ofAudit);
  }
}

export const repositories = {
  goods: ShopGoods,
  orders: ShopOrders,
  errands: ShopErrands,
  alarms: ShopAlarms,
  locks: ShopLocks,
  audit: ShopAudit,
};
