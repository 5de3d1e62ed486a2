import { normaliseKey } from "@stellaops/kernel";
import { scopes } from "../aggregates.ts";

/** A resource as the scopes hold it. @throws `VALUE_…` (data) */
export function cleanResource(resource: string): string {
  normaliseKey(scopes, { resources: [resource] });
  return resource;
}
