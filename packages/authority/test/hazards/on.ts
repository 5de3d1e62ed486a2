import type { AuthorityRepositories, License, User } from "@stellaops/authority";
import type { Outcome } from "@stellaops/testkit";
import { subjectOn, type Both, type SubjectOn } from "@stellaops/testkit/module";
import { license, user } from "../samples.ts";

/** Values are tried in users. */
export interface On extends SubjectOn<AuthorityRepositories, User> {
  /** Puts a license, which has children, and reads it back, on both. */
  licensed(over: Partial<License>): Promise<Outcome>;
}

export const authorityOn = (on: Both<AuthorityRepositories>): On => ({
  ...subjectOn(on, { make: user, of: ({ users }) => users, payload: "attributes" }),
  licensed: (over) => {
    const one = license(over);
    return on.both(async ({ licenses }) => {
      await licenses.put(one, 0n);
      return licenses.get(one.id);
    });
  },
});
