import type { ModuleLoad } from "@stellaops/testkit/module";
import { wiring, type NotifyRepositories } from "../src/index.ts";
import { Rival } from "./load/rival.ts";
import { Alone } from "./load/worker.ts";

export const load: ModuleLoad<NotifyRepositories> = {
  wiring,
  worker: (context) => new Alone(context),
  rival: (context) => new Rival(context),
};
