import type { Outcome } from "@stellaops/testkit";
import type { Both } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";
import type { Advisory } from "../../src/aggregates.ts";
import { advisory } from "../samples.ts";

export interface On extends Both<VulnRepositories> {
  /** Puts an advisory and reads it back, on both. */
  roundTrip(over: Partial<Advisory>): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
}

export function advisoriesOn(on: Both<VulnRepositories>): On {
  const roundTrip: On["roundTrip"] = (over) => {
    const one = advisory(over);
    return on.both(async ({ advisories }) => {
      await advisories.put(one, 0n);
      return advisories.get(one.id);
    });
  };
  return { ...on, roundTrip, json: (value) => roundTrip({ raw: value }) };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });
