/** Names of what is measured; docs/reference/metrics.md says what each means. */
export const scopeName = "@stellaops/cutover";

/** Names of OpenTelemetry's conventions for databases, where they fit. */
export const attributes = {
  system: "db.system.name",
  namespace: "db.namespace",
  collection: "db.collection.name",
  operation: "db.operation.name",
  batch: "db.operation.batch.size",
  error: "error.type",
  module: "stella.module",
  stage: "stella.stage",
  epoch: "stella.epoch",
  outcome: "stella.outcome",
} as const;

export const systemOf = { postgres: "postgresql", mongo: "mongodb" } as const;
