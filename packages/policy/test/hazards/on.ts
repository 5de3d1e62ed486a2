import type { Outcome } from "@stellaops/testkit";
import type { Both } from "@stellaops/testkit/module";
import type { PackVersion, PolicyRepositories } from "../../src/index.ts";
import { packVersion } from "../samples.ts";

export interface On extends Both<PolicyRepositories> {
  /** Puts a draft and reads it back, on both. */
  roundTrip(over: Partial<PackVersion>): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
}

export function versionsOn(on: Both<PolicyRepositories>): On {
  const roundTrip: On["roundTrip"] = (over) => {
    const one = packVersion(over);
    return on.both(async ({ packVersions }) => {
      await packVersions.put(one, 0n);
      return packVersions.get(one.id);
    });
  };
  return { ...on, roundTrip, json: (value) => roundTrip({ compiled: value }) };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });
