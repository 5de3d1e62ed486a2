import { mappingOf, type AdoptOptions as Adoption, type Mapping } from "@stellaops/cutover";
import { dataError, type ModuleDefinition } from "@stellaops/kernel";
import { readFile } from "node:fs/promises";
import type { Context } from "../context.ts";
import { moduleOf } from "../modules.ts";
import { reachMongo } from "../servers.ts";
import { tenantOf } from "../tenant.ts";

export interface AdoptOptions {
  readonly module: string;
  readonly tenant?: string;
  readonly mapping?: string;
  readonly report?: string;
  readonly only?: readonly string[];
  readonly dryRun?: boolean;
}

/** What both the survey and the adoption need; only MongoDB is reached. */
export async function adoptionOf(
  { connections, signal }: Context,
  { module: name, tenant, mapping, only }: AdoptOptions,
): Promise<Pick<Adoption, "module" | "mongo" | "tenant" | "mapping" | "only" | "signal">> {
  const module = moduleOf(name);
  const read = await mappingFrom(mapping, module);
  const owner = tenant === undefined ? null : tenantOf(tenant);
  const mongo = connections.mongo(name);
  await reachMongo(mongo);
  return { module, mongo, tenant: owner, mapping: read, signal, ...(only === undefined ? {} : { only }) };
}

async function mappingFrom(path: string | undefined, module: ModuleDefinition): Promise<Mapping> {
  if (path === undefined) return {};
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw dataError("ADOPT_MAPPING", `the mapping ${path} cannot be read: ${String(cause)}`, { cause });
  });
  return mappingOf(text, module);
}
