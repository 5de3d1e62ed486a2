export { mongoFaults } from "./mongo-faults.ts";
export type { MongoFault, MongoMoment } from "./mongo-faults.ts";
export { postgresFaults } from "./postgres-faults.ts";
export type { PostgresFault, PostgresMoment } from "./postgres-faults.ts";
export type { WireProxy } from "./wire-proxy.ts";
