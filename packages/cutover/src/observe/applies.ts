import { SpanKind, SpanStatusCode, trace, metrics } from "@opentelemetry/api";
import type { Replica } from "../replication/replica.ts";
import type { Replicas } from "../replication/pair.ts";
import type { Database } from "../stages.ts";
import { attributes as named, scopeName, systemOf } from "./names.ts";
import { typeOf } from "./telemetry.ts";

/** Replicas whose applies have a span and a duration each. */
export function observedReplicas(module: string, replicas: Replicas): Replicas {
  const tracer = trace.getTracer(scopeName);
  const durations = metrics.getMeter(scopeName).createHistogram("stella.apply.duration", {
    unit: "s",
    description: "Time of one transaction that applies keys to the other database",
  });
  const observed = (database: Database): Replica => {
    const replica = replicas[database];
    return {
      ...replica,
      apply: (aggregate, tenant, states, generation) =>
        tracer.startActiveSpan(`apply ${aggregate.table}`, { kind: SpanKind.CLIENT }, async (span) => {
          const begun = performance.now();
          const about = {
            [named.module]: module,
            [named.system]: systemOf[database],
            [named.collection]: aggregate.table,
          };
          let error = {};
          try {
            await replica.apply(aggregate, tenant, states, generation);
          } catch (thrown) {
            error = { [named.error]: typeOf(thrown) };
            span.setStatus({ code: SpanStatusCode.ERROR, message: typeOf(thrown) });
            throw thrown;
          } finally {
            durations.record((performance.now() - begun) / 1_000, { ...about, ...error });
            span.setAttributes({ ...about, ...error, [named.batch]: states.length }).end();
          }
        }),
    };
  };
  return { postgres: observed("postgres"), mongo: observed("mongo") };
}
