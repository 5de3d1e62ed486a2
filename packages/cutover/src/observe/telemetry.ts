import { metrics, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from "@opentelemetry/api";
import { codeOf } from "@stellaops/kernel";
import type { StageView } from "../view.ts";
import { attributes as named, scopeName, systemOf } from "./names.ts";
import type { Observer } from "./observer.ts";

const seconds = (since: number): number => (performance.now() - since) / 1_000;
/** Codes are stable; a name of a class is the best there is for an error of somebody else's. */
export const typeOf = (error: unknown): string => codeOf(error) ?? (error instanceof Error ? error.name : "_OTHER");

/**
 * Spans and metrics of units of work, over whatever OpenTelemetry the process has registered; nothing where there is none. Metrics go to
 * the provider that is registered when the module is opened.
 */
export function telemetryOf(module: string): Observer {
  const tracer = trace.getTracer(scopeName);
  const meter = metrics.getMeter(scopeName);
  const durations = meter.createHistogram("stella.unit.duration", {
    unit: "s",
    description: "Time of a verb or unit of work, with all its attempts",
    advice: { explicitBucketBoundaries: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const retries = meter.createCounter("stella.unit.retries", {
    unit: "{retry}",
    description: "Attempts after the first, by the error that made them necessary",
  });
  const awaits = meter.createCounter("stella.unit.awaited", {
    unit: "{unit}",
    description: "Units whose caller waited for the secondary, by what became of them",
  });
  const known = new Map<string, Attributes>();
  const attributesOf = (operation: string, view: StageView | null): Attributes => {
    const key = `${operation} ${view?.primary}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = {
      [named.module]: module,
      [named.operation]: operation,
      ...(view === null ? {} : { [named.system]: systemOf[view.primary] }),
    };
    known.set(key, made);
    return made;
  };
  const failed = (span: Span, error: unknown): string => {
    const type = typeOf(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: type }).setAttribute(named.error, type);
    return type;
  };
  return {
    unit: ({ name }, work) =>
      tracer.startActiveSpan(name, { kind: SpanKind.CLIENT }, async (span) => {
        const begun = performance.now();
        let last: StageView | null = null;
        let error: Attributes | undefined;
        try {
          return await work((view) => (last = view));
        } catch (thrown) {
          error = { [named.error]: failed(span, thrown) };
          throw thrown;
        } finally {
          const about = attributesOf(name, last);
          durations.record(seconds(begun), error === undefined ? about : { ...about, ...error });
          if (span.isRecording()) span.setAttributes({ ...about, [named.namespace]: module, ...stageOf(last) });
          span.end();
        }
      }),
    retried({ name }, error) {
      retries.add(1, { [named.module]: module, [named.operation]: name, [named.error]: typeOf(error) });
    },
    awaited(outcome) {
      awaits.add(1, { [named.module]: module, [named.outcome]: outcome });
    },
  };
}

const stageOf = (view: StageView | null): Attributes =>
  view === null ? {} : { [named.stage]: view.stage, [named.epoch]: String(view.epoch) };
