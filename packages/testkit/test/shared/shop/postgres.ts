import type { ChildChange, ClaimRef, ClaimRequest, Guarded, PageRequest, PurgeRequest } from "@stellaops/kernel";
import {
  PostgresAudit,
  PostgresClaims,
  PostgresJobs,
  PostgresLocks,
  PostgresSoftRepository,
  table,
  type Unit,
} from "@stellaops/postgres";
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
import type { DB } from "./database.ts";
import type { Alarms, Goods } from "./repositories.ts";

const ofGoods = table<DB, "goods", typeof goods>(goods);
const ofOrders = table<DB, "orders", typeof orders>(orders);
const ofErrands = table<DB, "errands", typeof errands>(errands);
const ofAlarms = table<DB, "alarms", typeof alarms>(alarms);
const ofLocks = table<DB, "locks", typeof locks>(locks);
const ofAudit = table<DB, "audit", typeof audit>(audit);

const newest = ofGoods.list<object>()("listNewest", { order: ["createdAt", "sold"], direction: "desc" });

class ShopGoods extends PostgresSoftRepository<typeof goods> implements Goods {
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
    return this.page(newest, {}, request);
  }
}
class ShopOrders extends PostgresJobs<typeof orders> {
  constructor(unit: Unit) {
    super(unit, ofOrders, orderQueue);
  }
}
class ShopErrands extends PostgresJobs<typeof errands> {
  constructor(unit: Unit) {
    super(unit, ofErrands, errandQueue);
  }
  purge(request: PurgeRequest) {
    return this.purgeOld(request, { status: ["succeeded", "failed"] });
  }
}
class ShopAlarms extends PostgresClaims<typeof alarms> implements Alarms {
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
class ShopLocks extends PostgresLocks<typeof locks> {
  constructor(unit: Unit) {
    super(unit, ofLocks);
  }
}
class ShopAudit extends PostgresAudit<typeof audit> {
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
