import type {
  Audit,
  ChildChange,
  ClaimRef,
  ClaimRequest,
  Claims,
  Guarded,
  Jobs,
  Locks,
  Page,
  PageRequest,
  Purging,
  Repository,
  SoftRepository,
  Stored,
} from "@stellaops/kernel";
import type { alarms, audit, errands, goods, Good, locks, orders } from "./aggregates.ts";

export interface Goods extends SoftRepository<typeof goods> {
  alter(guarded: Guarded<typeof goods>): Promise<Stored<typeof goods> | null>;
  label(id: string, at: Date, child: ChildChange<typeof goods>): Promise<Stored<typeof goods> | null>;
  appendGoods(batch: readonly Good[]): Promise<void>;
  listNewest(request?: PageRequest): Promise<Page<Stored<typeof goods>>>;
}
export interface Alarms extends Claims<typeof alarms>, Repository<typeof alarms> {
  claimDue(request: ClaimRequest): Promise<readonly Stored<typeof alarms>[]>;
  advance(ref: ClaimRef, at: Date, nextAt: Date | null): Promise<Stored<typeof alarms>>;
}
export interface ShopRepositories {
  readonly goods: Goods;
  readonly orders: Jobs<typeof orders> & Repository<typeof orders>;
  readonly errands: Jobs<typeof errands> & Purging & Repository<typeof errands>;
  readonly alarms: Alarms;
  readonly locks: Locks<typeof locks>;
  readonly audit: Audit<typeof audit>;
}
