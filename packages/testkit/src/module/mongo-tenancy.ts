import type { ModuleWiring } from "@stellaops/cutover/open";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calls } from "./calls.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { watchCommands, type Sent, type Watch } from "./watch.ts";

/** MongoDB has no policies: each command has to name the tenant itself. */
export function mongoTenancySuite<R>(wiring: ModuleWiring<R>, calls: Calls<R>): void {
  describe.each([{ registered: false }, { registered: true }])("MongoDB, registered: $registered", (kind) => {
    let rig: MongoRig<R>;
    let watch: Watch<Sent>;
    beforeAll(async () => {
      rig = await mongoRig(wiring, kind);
      watch = watchCommands(rig);
    });
    afterAll(() => rig.close());

    it.each(Object.entries(calls))(
      "%s: names the tenant in every filter and every document",
      async (_verb, { prepare, run }) => {
        const prepared = (await prepare?.(rig.at("acme"), 2)) as never;
        const sent = await watch.during(() => run(rig.at("acme"), 2, prepared));
        expect(sent.length).toBeGreaterThan(0);
        const parts = sent.flatMap(({ name, command }) => filtersOf(name, command));
        expect(parts.filter((part) => tenantsIn(part).includes("nobody"))).toEqual([]);
      },
    );
  });
}

type Loose = Readonly<Record<string, unknown>>;

/** Every filter, pipeline start and document of a command. */
function filtersOf(name: string, command: Loose): readonly Loose[] {
  const list = (field: string, part: string) =>
    (command[field] as readonly Loose[]).map((one) => (part === "" ? one : (one[part] as Loose)));
  switch (name) {
    case "find":
      return [command["filter"] as Loose];
    case "aggregate":
      return pipelineStarts(command["pipeline"] as readonly Loose[]);
    case "insert":
      return list("documents", "");
    case "update":
      return list("updates", "q");
    case "delete":
      return list("deletes", "q");
    case "findAndModify":
      return [command["query"] as Loose];
    case "commitTransaction":
    case "abortTransaction":
      return [];
    default:
      throw new Error(`this test does not know the command ${name}`);
  }
}

function pipelineStarts(pipeline: readonly Loose[]): readonly Loose[] {
  const unions = pipeline.flatMap((stage) => {
    const union = stage["$unionWith"] as { readonly pipeline: readonly Loose[] } | undefined;
    return union === undefined ? [] : pipelineStarts(union.pipeline);
  });
  return [(pipeline[0]?.["$match"] ?? {}) as Loose, ...unions];
}

/** Tenants that a filter or document is bound to; `nobody` when it is bound to none, or to another than the caller's and the shared one. */
function tenantsIn(part: Loose): readonly string[] {
  const and = (part["$and"] as readonly Loose[] | undefined)?.find((one) => "tenantId" in one);
  const bound = part["tenantId"] ?? and?.["tenantId"];
  // The register's documents are found by `<aggregate>/<tenant>/<id>`.
  const keys = part["_id"];
  const named =
    bound === undefined
      ? (typeof keys === "string"
          ? [keys]
          : (((keys as Loose | undefined)?.["$in"] as readonly string[] | undefined) ?? [])
        ).map((key) => key.split("/")[1])
      : typeof bound === "string"
        ? [bound]
        : ((bound as Loose)["$in"] as readonly string[]);
  const known = named.map((tenant) => (tenant === "acme" || tenant === "@global" ? tenant : "nobody"));
  return known.length === 0 ? ["nobody"] : known;
}
