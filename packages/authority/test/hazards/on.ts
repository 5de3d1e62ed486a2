import type { AuthorityRepositories, License, User } from "@stellaops/authority";
import type { Outcome } from "@stellaops/testkit";
import type { Both } from "@stellaops/testkit/module";
import { license, user } from "../samples.ts";

export interface On extends Both<AuthorityRepositories> {
  /** Puts a user and reads it back, on both. */
  roundTrip(over: Partial<User>): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
  /** The same of a license, which has children. */
  licensed(over: Partial<License>): Promise<Outcome>;
}

export function authorityOn(on: Both<AuthorityRepositories>): On {
  const roundTrip: On["roundTrip"] = (over) => {
    const one = user(over);
    return on.both(async ({ users }) => {
      await users.put(one, 0n);
      return users.get(one.id);
    });
  };
  return {
    ...on,
    roundTrip,
    json: (value) => roundTrip({ attributes: value }),
    licensed: (over) => {
      const one = license(over);
      return on.both(async ({ licenses }) => {
        await licenses.put(one, 0n);
        return licenses.get(one.id);
      });
    },
  };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });
