import { changeStage, envFaults, isStage, recover } from "../src/index.ts";
import type { Change } from "../src/index.ts";
import { connect } from "./rig.ts";

/** A process that changes the stage, or reverts the change under way, and is killed at the point `STELLA_FAULT` names. */
const { POSTGRES, MONGO, TARGET } = process.env;
const { sides, pool, client } = connect({ postgres: String(POSTGRES), mongo: String(MONGO) });
const change: Change = { sides, by: "child", drained: () => Promise.resolve(true), faults: envFaults() };
if (isStage(TARGET)) await changeStage({ ...change, target: TARGET, reason: "a child's change" });
else await recover({ ...change, revert: true });
await pool.end();
await client.close();
