import { refused } from "@stellaops/kernel";
import type { StageRecord } from "../record.ts";
import type { Sides } from "../side.ts";
import { situationOf } from "../situation.ts";

/** The record, while PostgreSQL alone holds the module. @throws `STAGE_NOT_POSTGRES` (refused), and what `situationOf` throws */
export async function postgresAlone(sides: Sides): Promise<StageRecord> {
  const { kind, at } = await situationOf(sides);
  if (kind === "settled" && at.stage === "postgres") return at;
  throw refused(
    "STAGE_NOT_POSTGRES",
    `module ${at.module} is at "${at.stage}"${kind === "settled" ? "" : ", with a change under way"}; MongoDB can be given up, and be restored, only at "postgres"`,
    { details: { stage: at.stage, kind } },
  );
}
