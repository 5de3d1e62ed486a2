import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import type { Rig } from "../store.ts";
import { advisoriesContract } from "./advisories.ts";
import { feedSnapshotsContract } from "./feed-snapshots.ts";
import { kevFlagsContract } from "./kev-flags.ts";
import { mergeEventsContract } from "./merge-events.ts";
import { sourceStatesContract } from "./source-states.ts";
import { sourcesContract } from "./sources.ts";
import { unitsContract } from "./units.ts";

/** The whole contract of the module, on one database, bare and with the register. */
export function vulnContract(open: (options: { readonly registered: boolean }) => Promise<Rig>): void {
  describe.each([{ registered: false }, { registered: true }])("registered: $registered", (options) => {
    let rig: Rig;
    const current = () => rig;
    beforeAll(async () => void (rig = await open(options)));
    beforeEach(() => rig.reset());
    afterAll(() => rig.close());

    sourcesContract(current);
    sourceStatesContract(current);
    feedSnapshotsContract(current);
    advisoriesContract(current);
    kevFlagsContract(current);
    mergeEventsContract(current);
    unitsContract(current);
  });
}
