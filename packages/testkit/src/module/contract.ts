import type { SystemRepositories } from "@stellaops/cutover/open";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { mongoRig } from "./mongo-rig.ts";
import { postgresRig } from "./postgres-rig.ts";
import type { AnyWiring, Rig } from "./rig.ts";

/** What one repository must do, on whatever database `rig` is; `rig` is asked inside of tests only. */
export type Contract<R, S = object> = (rig: () => Rig<R, S>) => void;

const open = { postgres: postgresRig, mongo: mongoRig };

/** The whole contract of a module, on one database, bare and with the register. */
export function contractSuite<R, S extends SystemRepositories<S> = object>(
  wiring: AnyWiring<R, S>,
  database: keyof typeof open,
  contracts: readonly Contract<R, S>[],
): void {
  describe.each([{ registered: false }, { registered: true }])("registered: $registered", (options) => {
    let rig: Rig<R, S>;
    beforeAll(async () => void (rig = await open[database](wiring, options)));
    beforeEach(() => rig.reset());
    afterAll(() => rig.close());

    for (const contract of contracts) contract(() => rig);
  });
}
