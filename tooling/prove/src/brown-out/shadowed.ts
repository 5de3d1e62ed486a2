import { mongoShadow, postgresShadow, type Database, type ShadowCounts } from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import type { Rig } from "../rig.ts";
import type { Service } from "./service.ts";

/** What the service has found by asking its secondary too, as a guard would read it. Ends the service, which tells the last of it then. */
export async function shadowedBy({ module }: Service, rig: Rig, primary: Database): Promise<ShadowCounts> {
  await module.close();
  const table = primary === "mongo" ? mongoShadow(rig.mongo.db) : postgresShadow(rig.postgres.pool, vuln.name);
  const { epoch } = await rig.view();
  return table.totals(epoch);
}

/** Nothing but the library writes here, and a secondary that was away is behind: whatever differs is a false alarm. */
export const falseAlarms = ({ agreed, lagged, differed }: ShadowCounts): readonly string[] => [
  ...(differed > 0 ? [`${differed} shadow reads were told as differing, not as lagging`] : []),
  ...(agreed + lagged === 0 ? ["no read was compared with what the secondary says"] : []),
];
