import { subjectOn, type Both, type SubjectOn } from "@stellaops/testkit/module";
import type { PackVersion, PolicyRepositories } from "../../src/index.ts";
import { packVersion } from "../samples.ts";

/** Values are tried in drafts of versions. */
export type On = SubjectOn<PolicyRepositories, PackVersion>;

export const versionsOn = (on: Both<PolicyRepositories>): On =>
  subjectOn(on, { make: packVersion, of: ({ packVersions }) => packVersions, payload: "compiled" });
