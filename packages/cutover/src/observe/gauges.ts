import { metrics, type Attributes, type BatchObservableResult, type Observable } from "@opentelemetry/api";
import { silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import type { ShadowCounts } from "../module/shadow-counts.ts";
import { outcomes } from "../module/shadow-counts.ts";
import type { ReplicationCounts } from "../replication/applier.ts";
import type { Replicas } from "../replication/pair.ts";
import type { AggregateLag } from "../replication/replica.ts";
import type { StageSource } from "../source.ts";
import { stageNames } from "../stages.ts";
import { within } from "../within.ts";
import { attributes as named, scopeName } from "./names.ts";

export interface GaugeOptions {
  readonly module: ModuleDefinition;
  readonly stage: Pick<StageSource, "current" | "workView">;
  readonly replicas: Replicas;
  readonly applier: { readonly counts: ReplicationCounts };
  readonly replicator: { readonly counts: { readonly applied: number } };
  readonly shadow: { readonly counts: ShadowCounts };
  readonly logger?: Logger;
}

/** One small query at the primary serves whoever scrapes within this time. */
const freshMs = 1_000;
const answerMs = 2_000;

/** What is read when somebody scrapes: the stage, what waits for the secondary, and counts since the process began. Returns what ends it. */
export function startGauges(options: GaugeOptions): () => Promise<void> {
  const meter = metrics.getMeter(scopeName);
  const gauge = (name: string, unit: string, description: string): Observable =>
    meter.createObservableGauge(`stella.${name}`, { unit, description });
  const counter = (name: string, unit: string, description: string): Observable =>
    meter.createObservableCounter(`stella.${name}`, { unit, description });
  const made = {
    stage: gauge("stage", "1", "Position of the stage, 0 (mongo) to 5 (postgres)"),
    epoch: gauge("epoch", "1", "Epoch of the stage"),
    pending: gauge("replication.pending", "{key}", "Keys still to be applied to the other database"),
    parked: gauge("replication.parked", "{key}", "Keys that the other database refused"),
    pendingAge: gauge("replication.pending.age", "s", "Age of the oldest pending key"),
    parkedAge: gauge("replication.parked.age", "s", "Age of the oldest parked key"),
    queued: gauge("applier.queue", "{key}", "Keys that this process is about to apply"),
    applied: counter("applier.keys", "{key}", "Keys taken by this process's applier, by what became of them"),
    drained: counter("replicator.drained", "{key}", "Keys applied by this process's replicator"),
    shadow: counter("shadow.reads", "{read}", "Reads compared on both databases, by what they showed"),
  };
  const lagOf = cached(async (): Promise<readonly AggregateLag[]> => {
    const view = options.stage.workView();
    return view === null ? [] : within(answerMs, options.replicas[view.primary].lag());
  });
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const { name, aggregates } = options.module;
    const about: Attributes = { [named.module]: name };
    observeCounts(result, about);
    const lags = await lagOf().catch((error: unknown) => {
      (options.logger ?? silent).debug({ err: error }, "what is pending could not be counted for a metric");
      return null;
    });
    if (lags === null) return;
    for (const { table } of aggregates) {
      const lag = lags.find(({ aggregate }) => aggregate === table);
      observeLag(result, { ...about, [named.collection]: table }, lag);
    }
  };
  const observeCounts = (result: BatchObservableResult, about: Attributes): void => {
    const { stage, epoch } = options.stage.current();
    result.observe(made.stage, stageNames.indexOf(stage), { ...about, [named.stage]: stage });
    result.observe(made.epoch, Number(epoch), about);
    const { queued, ...counts } = options.applier.counts;
    result.observe(made.queued, queued, about);
    for (const outcome of ["applied", "parked", "failed", "dropped"] as const)
      result.observe(made.applied, counts[outcome], { ...about, [named.outcome]: outcome });
    result.observe(made.drained, options.replicator.counts.applied, about);
    for (const outcome of outcomes)
      result.observe(made.shadow, options.shadow.counts[outcome], { ...about, [named.outcome]: outcome });
  };
  const observeLag = (result: BatchObservableResult, about: Attributes, lag: AggregateLag | undefined): void => {
    result.observe(made.pending, lag?.pending ?? 0, about);
    result.observe(made.parked, lag?.parked ?? 0, about);
    result.observe(made.pendingAge, (lag?.pendingMs ?? 0) / 1_000, about);
    result.observe(made.parkedAge, (lag?.parkedMs ?? 0) / 1_000, about);
  };
  const instruments = Object.values(made);
  meter.addBatchObservableCallback(observe, instruments);
  return async () => meter.removeBatchObservableCallback(observe, instruments);
}

function cached<T>(read: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  let since = 0;
  return () => {
    if (found === null || performance.now() - since > freshMs) {
      since = performance.now();
      found = read();
    }
    return found;
  };
}
