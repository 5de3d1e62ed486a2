import { singleUnit, transaction, type Postgres, type Unit, type UnitOptions } from "@stellaops/postgres";
import type { Access, Backend, Repositories } from "../module/backend.ts";
import { enterEpoch } from "./fence.ts";

type Classes = Readonly<Record<string, new (unit: Unit) => object>>;

const bound =
  (classes: Classes, unit: Unit): Repositories =>
  (name) => {
    const Repository = classes[name];
    if (Repository === undefined) throw new TypeError(`no repository ${name}`);
    return new Repository(unit);
  };

export function postgresBackend({ pool }: Postgres, module: string, classes: Classes): Backend {
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
