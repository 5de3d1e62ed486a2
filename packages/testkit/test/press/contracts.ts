import type { Contract } from "@stellaops/testkit/module";
import { queuesContract } from "./jobs.ts";
import { papersContract } from "./papers.ts";
import type { PressRepositories } from "./repositories.ts";

export const contracts: readonly Contract<PressRepositories>[] = [papersContract, queuesContract];
