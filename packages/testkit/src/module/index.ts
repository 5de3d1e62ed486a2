export { callsOf, type Call, type Calls } from "./calls.ts";
export { catalogueSuite, type ByHand, type CatalogueOptions } from "./catalogue.ts";
export { anyTenant, commandOf, perform, tenants, type Arguments, type Command, type Commands } from "./commands.ts";
export { contractSuite, type Contract } from "./contract.ts";
export { must, revisionOf, type LoadContext, type LoadWorker, type ModuleLoad } from "./crossing/load.ts";
export { crossingRig } from "./crossing/rig.ts";
export { crossingSuite } from "./crossing/suite.ts";
export type { Definers } from "./definers.ts";
export { differentialSuite } from "./differential.ts";
export { dueWorkSuite, type DueOn, type DueWorkOptions } from "./due-work.ts";
export { hazardList, type Hazard } from "./hazard-list.ts";
export { refusal, subjectOn, type HazardCase, type HazardSubject, type SubjectOn } from "./hazard-subject.ts";
export { hazardsSuite, type Both, type HazardCases, type HazardOptions } from "./hazards.ts";
export { migrationsSuite, type Accepted } from "./migrations.ts";
export { mongoRig, type MongoRig } from "./mongo-rig.ts";
export { nested, oddKeys } from "./payload-hazards.ts";
export { postgresRig, type PostgresRig } from "./postgres-rig.ts";
export { testRegister, type Entry, type Rig, type RigOptions } from "./rig.ts";
export { retentionSuite, type Retained, type RetentionOptions } from "./retention/suite.ts";
export { roundsSuite, type Rounds, type RoundsOptions } from "./rounds.ts";
export { startupSuite } from "./startup.ts";
export {
  duplicateKey,
  foreignDocument,
  indexGone,
  longText,
  samePages,
  textsInDisorder,
  textsInOrder,
  writeConcern,
} from "./store-hazards.ts";
export { tenancySuite, type TenancyOptions } from "./tenancy.ts";
export { valueHazards, type ValueHazard, type ValueHazardOptions } from "./value-hazards.ts";
export { verbsSuite } from "./verbs.ts";
export { watchCommands, watchFlushes, type Sent, type Watch } from "./watch.ts";
