import { singleUnit, transaction, type Mongo, type Unit, type UnitOptions } from "@stellaops/mongo";
import { bound, type Access, type Backend, type Classes, type Repositories } from "../module/backend.ts";
import { defaultUnitCapMs } from "../unit-cap.ts";
import { enterEpoch } from "./fence.ts";

export function mongoBackend(mongo: Mongo, _module: string, classes: Classes<Unit>): Backend {
  const capOfAll = defaultUnitCapMs();
  const optionsOf = ({ tenant, writes, live }: Access): UnitOptions => {
    if (live === null) return { tenant, writes };
    const { epoch, register, capMs = capOfAll } = live;
    return { tenant, writes, register, capMs, head: (session) => enterEpoch(mongo.db, session, epoch, capMs) };
  };
  const whole = <T>(access: Access, work: (repositories: Repositories) => Promise<T>) =>
    transaction(mongo, optionsOf(access), (unit) => work(bound(classes, unit)));
  return {
    // Only a transaction can enter the fence: under a live stage every write is one.
    single: (access, work) =>
      access.live === null ? work(bound(classes, singleUnit(mongo, optionsOf(access)))) : whole(access, work),
    transaction: whole,
  };
}
