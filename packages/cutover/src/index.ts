export type { Change, Drained } from "./change.ts";
export { envFaults, faultPoints, killAt, noFaults } from "./faults.ts";
export type { FaultPoint, Faults } from "./faults.ts";
export { initialise } from "./initialise.ts";
export type { Initialisation } from "./initialise.ts";
export { liveStage } from "./live-stage.ts";
export type { LiveStageOptions } from "./stage/live-options.ts";
export { mongoSchema } from "./mongo/install.ts";
export * as mongoFence from "./mongo/fence.ts";
export { mongoSide } from "./mongo/side.ts";
export { changeStage, recover } from "./move.ts";
export type { Recovery, StageChange } from "./move.ts";
export { postgresSchema } from "./postgres/install.ts";
export * as postgresFence from "./postgres/fence.ts";
export { postgresSide } from "./postgres/side.ts";
export { newGeneration, settle } from "./record.ts";
export type { Copies, RecordState, Situation, StageRecord } from "./record.ts";
export type { Fence, FencePoint, Lease, LeaseRequest, LeaseTable, Side, Sides, StageRecords } from "./side.ts";
export { showStage, situationOf } from "./situation.ts";
export { abandon } from "./stage/abandon.ts";
export { shadowsUntil } from "./stage/stays.ts";
export { reasonsOf } from "./stage/failure.ts";
export type { Failure } from "./stage/failure.ts";
export { forceRecovery, lossOf } from "./stage/force.ts";
export type { Force, Loss } from "./stage/force.ts";
export type { Gone, Waiting } from "./stage/gone.ts";
export type { Instance, InstanceTable, SeenInstance } from "./stage/instance.ts";
export { instancesOf } from "./stage/known-instances.ts";
export type { Instances, KnownInstance } from "./stage/known-instances.ts";
export { rehearse } from "./stage/rehearse.ts";
export type { Rehearsal, Rehearsed, RehearsedStep } from "./stage/rehearse.ts";
export { listenToBoth } from "./stage/signals.ts";
export type { StageSignals } from "./stage/signals.ts";
export { fixedStage } from "./source.ts";
export type { ReadTicket, StageSource, WaitOptions } from "./source.ts";
export {
  assertStep,
  isStage,
  movesPrimary,
  otherDatabase,
  replicates,
  stageNames,
  stages,
  stepTowards,
} from "./stages.ts";
export type { Database, Stage, StageBehaviour } from "./stages.ts";
export { viewOf } from "./view.ts";
export type { StageView } from "./view.ts";
export { installMongo, installPostgres } from "./install.ts";
export { collectionsOf } from "./mongo/collections.ts";
export { seedMongo } from "./mongo/seed.ts";
export { openModule } from "./module/open.ts";
export type { OpenModule, OpenOptions, StageWord } from "./module/open.ts";
export type { AwaitOptions, RunOptions, SecondaryOutcome } from "./module/run-options.ts";
export { noReads } from "./module/shadow-counts.ts";
export type { ShadowCounts, ShadowTable, ShadowTables } from "./module/shadow-counts.ts";
export type { ShadowBudget } from "./module/shadow.ts";
export { mongoShadow } from "./mongo/shadow.ts";
export { postgresShadow } from "./postgres/shadow.ts";
export type { Scope, Scopes } from "./module/scope.ts";
export type { Backends, Seams } from "./module/seams.ts";
export type { ModuleWiring, SystemRepositories, SystemVerbs, SystemWiring, VerbKind, Verbs } from "./module/wiring.ts";
export { backfill } from "./replication/backfill.ts";
export type { Backfilled, BackfillOptions, BackfillProgress } from "./replication/backfill.ts";
export { drainedOf } from "./replication/drained.ts";
export { progressOf } from "./replication/progress.ts";
export type { AggregateProgress, Progress, ReplicationState } from "./replication/progress.ts";
export { purgeTombstones, retentionMs } from "./replication/purge.ts";
export type { Purge } from "./replication/purge.ts";
export type { AggregateLag, Backlog, Key, KeyState, Parked, Position, Replica } from "./replication/replica.ts";
export { workLease } from "./replication/work-lease.ts";
export type { Work, WorkLease } from "./replication/work-lease.ts";
export { mongoReplica } from "./mongo/replica.ts";
export { postgresReplica } from "./postgres/replica.ts";
export * from "./adopt/index.ts";
export * from "./capture/index.ts";
export * from "./compare/index.ts";
export * from "./repair/index.ts";
export * from "./decommission/index.ts";
export { checksOf } from "./guard/checks-of.ts";
export { guardOf } from "./guard/guard.ts";
export type { Guard, GuardOptions } from "./guard/guard.ts";
export type { Check, CheckName, Evidence } from "./guard/evidence.ts";
export { startReplicator } from "./replication/replicator.ts";
export type { Replicator, ReplicatorCounts } from "./replication/replicator.ts";
export type { ReplicationCounts, Settled } from "./replication/applier.ts";
export type { Replicas } from "./replication/pair.ts";
