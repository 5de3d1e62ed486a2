import { vulnContract } from "./contract/index.ts";
import { mongoRig } from "./mongo-rig.ts";

vulnContract(mongoRig);
