import { metrics, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { aSource } from "@stellaops/testkit/source";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openVuln, type Vuln } from "../../vuln/src/index.ts";
import { advisoryOf, replicationRig, nextId, type ReplicationRig } from "./replication-rig.ts";

const spans = new InMemorySpanExporter();
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const meters = new MeterProvider({ readers: [reader] });

let rig: ReplicationRig;
let module: Vuln;
beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  metrics.setGlobalMeterProvider(meters);
  rig = await replicationRig();
  await rig.goTo("shadow");
  module = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record", shadow: { rate: 1, cpu: 1 } });
});
afterAll(async () => {
  await module.close();
  await meters.shutdown();
  trace.disable();
  metrics.disable();
  await rig[Symbol.asyncDispose]();
});

interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** What a scrape finds now, by the name of the instrument. */
async function scraped(): Promise<ReadonlyMap<string, { readonly unit: string; readonly points: readonly Point[] }>> {
  exporter.reset();
  await reader.forceFlush();
  const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return new Map(
    found.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      { unit: descriptor.unit, points: dataPoints.map(({ attributes, value }) => ({ attributes, value })) },
    ]),
  );
}
const vuln = { "stella.module": "vuln" };
const on = (system: string, operation: string) => ({
  ...vuln,
  "db.system.name": system,
  "db.operation.name": operation,
});

test("each verb and unit has a span and a duration, by its primary, with the error's code when it fails", async () => {
  spans.reset();
  const scope = module.tenant("acme");
  const one = advisoryOf();
  await scope.advisories.put(one, 0n);
  await scope.transaction(({ sources }) => sources.put(aSource(nextId()), 0n), { await: "secondary" });
  await expect(scope.advisories.put(one, 7n)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
  const finished = spans.getFinishedSpans();
  const units = finished.filter(({ name }) => !name.startsWith("apply "));
  const shared = { "db.namespace": "vuln", "stella.stage": "shadow", "stella.epoch": expect.any(String) };
  expect(units.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
    { name: "advisories.put", attributes: { ...on("mongodb", "advisories.put"), ...shared } },
    { name: "transaction", attributes: { ...on("mongodb", "transaction"), ...shared } },
    {
      name: "advisories.put",
      attributes: { ...on("mongodb", "advisories.put"), ...shared, "error.type": "REVISION_CONFLICT" },
    },
  ]);
  expect(finished.find(({ name }) => name === "apply sources")?.attributes).toEqual({
    ...vuln,
    "db.system.name": "postgresql",
    "db.collection.name": "sources",
    "db.operation.batch.size": 1,
  });
  const found = await scraped();
  const durations = found.get("stella.unit.duration");
  expect(durations?.unit).toBe("s");
  expect(durations?.points).toEqual(
    expect.arrayContaining([
      { attributes: on("mongodb", "advisories.put"), value: expect.objectContaining({ count: 1 }) },
      {
        attributes: { ...on("mongodb", "advisories.put"), "error.type": "REVISION_CONFLICT" },
        value: expect.objectContaining({ count: 1 }),
      },
    ]),
  );
  expect(found.get("stella.unit.awaited")?.points).toEqual([
    { attributes: { ...vuln, "stella.outcome": "applied" }, value: 1 },
  ]);
});

test("a scrape tells the stage, what waits for the secondary, and what this process has done", async () => {
  await module.tenant("acme").advisories.list();
  const outcome = (name: string) => ({ ...vuln, "stella.outcome": name });
  await expect
    .poll(async () => (await scraped()).get("stella.shadow.reads")?.points, { interval: 50 })
    .toContainEqual({ attributes: outcome("agreed"), value: 1 });
  const { epoch } = await rig.view();
  const found = await scraped();
  expect(found.get("stella.stage")?.points).toEqual([{ attributes: { ...vuln, "stella.stage": "shadow" }, value: 2 }]);
  expect(found.get("stella.epoch")?.points).toEqual([{ attributes: vuln, value: Number(epoch) }]);
  const lags = ["stella.replication.pending", "stella.replication.parked"];
  for (const name of lags)
    expect(found.get(name)?.points).toContainEqual({
      attributes: { ...vuln, "db.collection.name": "advisories" },
      value: 0,
    });
  for (const name of ["stella.replication.pending.age", "stella.replication.parked.age"])
    expect(found.get(name)?.unit).toBe("s");
  expect(found.get("stella.applier.queue")?.points).toEqual([{ attributes: vuln, value: 0 }]);
  expect(found.get("stella.applier.keys")?.points).toContainEqual({ attributes: outcome("applied"), value: 2 });
  expect(found.get("stella.replicator.drained")?.points).toEqual([{ attributes: vuln, value: expect.any(Number) }]);
  expect(found.get("stella.apply.duration")?.points).toHaveLength(2);
});

test("a unit that is run again is counted, by the error", async () => {
  const one = advisoryOf();
  let attempts = 0;
  await rig.goTo("live");
  await module.tenant("acme").transaction(async ({ advisories }) => {
    attempts += 1;
    // Nothing was asked yet, so the fence does not know of this unit.
    if (attempts === 1) await rig.goTo("shadow");
    await advisories.put(one, 0n);
  });
  const { points = [] } = (await scraped()).get("stella.unit.retries") ?? {};
  const fenced = { ...vuln, "db.operation.name": "transaction", "error.type": "FENCED" };
  expect(points).toContainEqual({ attributes: fenced, value: 1 });
});

test("a module that was closed is scraped no more", async () => {
  const other = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record" });
  await other.close();
  const { points = [] } = (await scraped()).get("stella.epoch") ?? {};
  expect(points).toHaveLength(1);
});
