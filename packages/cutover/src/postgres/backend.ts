import { transaction, type Postgres, type Unit, type UnitOptions } from "@stellaops/postgres";
import { bound, type Access, type Backend, type Classes, type Repositories } from "../module/backend.ts";
import { defaultUnitCapMs } from "../unit-cap.ts";
import { enterEpoch } from "./fence.ts";
import { SharedReads } from "./reads.ts";

export function postgresBackend({ pool }: Postgres, module: string, classes: Classes<Unit>): Backend {
  const capOfAll = defaultUnitCapMs();
  const reads = new SharedReads(pool);
  const optionsOf = ({ tenant, writes, live, signal }: Access): UnitOptions => ({
    tenant,
    writes,
    ...(signal === undefined ? {} : { signal }),
    ...(live === null
      ? {}
      : { register: live.register, head: [enterEpoch(module, live.epoch)], capMs: live.capMs ?? capOfAll }),
  });
  const whole = <T>(access: Access, work: (repositories: Repositories) => Promise<T>) =>
    transaction(pool, optionsOf(access), (unit) => work(bound(classes, unit)));
  return {
    // A verb that writes is a transaction, whose COMMIT can be settled: two flushes, where a read is one.
    single: (access, work) => (access.writes ? whole(access, work) : work(bound(classes, reads.unit(access.tenant)))),
    transaction: whole,
  };
}
