export { isWhole, repairModule } from "./repair.ts";
export type { Left, Repaired, RepairOptions } from "./repair.ts";
export { adviceFor } from "./verdict.ts";
export type { Untouched } from "./verdict.ts";
