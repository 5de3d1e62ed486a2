import {
  backfill,
  changeStage,
  drainedOf,
  purgeTombstones,
  showStage,
  viewOf,
  type Faults,
  type StageView,
} from "@stellaops/cutover";
import { load, openJournal } from "@stellaops/demo";
import { openVuln, vuln } from "@stellaops/vuln";
import { adoptAll } from "./adoption.ts";
import type { Connected } from "./connect.ts";
import type { Job, Work } from "./job.ts";
import { repairAll } from "./repair.ts";
import { sabotaged } from "./sabotage.ts";

type JobOf<K extends Work["kind"]> = Job & { readonly work: Extract<Work, { readonly kind: K }> };
type Works = {
  readonly [K in Work["kind"]]: (job: JobOf<K>, places: Connected, faults: Faults) => Promise<void>;
};

/** What a process does; the product's own calls, with the fault as a service or an operator would give it. */
export const works: Works = {
  async serve({ journal, name, seed, sabotage }, { service, mongo }, faults) {
    const module = await openVuln({
      postgres: service,
      mongo,
      stage: "record",
      seams: sabotaged(sabotage, faults),
    });
    const { signal } = new AbortController();
    await load({
      vuln: module,
      name,
      tenant: "acme",
      journal: openJournal(journal),
      seed,
      workers: 2,
      pauseMs: 2,
      signal,
    });
  },
  async change({ work, point }, { sides, replicas }, faults) {
    const drained = drainedOf(replicas);
    await changeStage({ sides, target: work.to, by: "worker", reason: `to die ${point}`, drained, faults });
  },
  async revert({ work }, { sides }, faults) {
    const drained = () => Promise.reject(new Error("the drain fails on purpose"));
    await changeStage({ sides, target: work.to, by: "worker", reason: "to be reverted", drained, faults });
  },
  async backfill(_, places, faults) {
    const { sides, replicas, progress } = places;
    const view = () => viewAt(places);
    await backfill({ module: vuln, replicas, sides, progress, view, faults, batch: 20, leaseMs: 2_000 });
  },
  async purge(_, places, faults) {
    const { sides, replicas } = places;
    await purgeTombstones({ module: vuln, sides, replicas, view: await viewAt(places), olderThanMs: 0, faults });
  },
  async adopt(_, { mongo }, faults) {
    await adoptAll(mongo, faults);
  },
  async repair(_, places, faults) {
    const { copier: postgres, mongo, replicas } = places;
    await repairAll({ postgres, mongo, replicas }, await viewAt(places), faults);
  },
};

async function viewAt({ sides }: Connected): Promise<StageView> {
  const { situation } = await showStage(sides);
  if ("at" in situation) return viewOf(situation.at);
  throw new Error(`no stage: ${situation.kind}`);
}
