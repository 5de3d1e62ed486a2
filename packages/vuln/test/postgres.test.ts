import { vulnContract } from "./contract/index.ts";
import { postgresRig } from "./postgres-rig.ts";

vulnContract(postgresRig);
