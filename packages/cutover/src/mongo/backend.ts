import { singleUnit, transaction, type Mongo, type Unit, type UnitOptions } from "@stellaops/mongo";
import { bound, type Access, type Backend, type Classes, type Repositories } from "../module/backend.ts";
import { enterEpoch } from "./fence.ts";

export function mongoBackend(mongo: Mongo, _module: string, classes: Classes<Unit>): Backend {
  const optionsOf = ({ tenant, live }: Access): UnitOptions =>
    live === null
      ? { tenant }
      : { tenant, register: live.register, head: (session) => enterEpoch(mongo.db, session, live.epoch) };
  const whole = <T>(access: Access, work: (repositories: Repositories) => Promise<T>) =>
    transaction(mongo, optionsOf(access), (unit) => work(bound(classes, unit)));
  return {
    // Only a transaction can enter the fence: under a live stage every write is one.
    single: (access, work) =>
      access.live === null ? work(bound(classes, singleUnit(mongo, optionsOf(access)))) : whole(access, work),
    transaction: whole,
  };
}
