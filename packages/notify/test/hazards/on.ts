import { subjectOn, type Both, type SubjectOn } from "@stellaops/testkit/module";
import type { Channel, NotifyRepositories } from "../../src/index.ts";
import { channel } from "../routing/samples.ts";

/** Values are tried in channels. */
export type On = SubjectOn<NotifyRepositories, Channel>;

export const channelsOn = (on: Both<NotifyRepositories>): On =>
  subjectOn(on, { make: channel, of: ({ channels }) => channels, payload: "labels" });
