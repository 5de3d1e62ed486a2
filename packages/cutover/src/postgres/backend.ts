import { singleUnit, transaction, type Postgres, type Unit, type UnitOptions } from "@stellaops/postgres";
import { bound, type Access, type Backend, type Classes } from "../module/backend.ts";
import { enterEpoch } from "./fence.ts";

export function postgresBackend({ pool }: Postgres, module: string, classes: Classes<Unit>): Backend {
  const optionsOf = ({ tenant, writes, live, signal }: Access): UnitOptions => ({
    tenant,
    writes,
    ...(signal === undefined ? {} : { signal }),
    ...(live === null ? {} : { register: live.register, head: [enterEpoch(module, live.epoch)] }),
  });
  return {
    single: (access, work) => work(bound(classes, singleUnit(pool, optionsOf(access)))),
    transaction: (access, work) => transaction(pool, optionsOf(access), (unit) => work(bound(classes, unit))),
  };
}
