import { Crew } from "./crew.ts";
import type { Tries } from "./job.ts";
import { judge } from "./judge.ts";
import { prepare, type OpenPlace } from "./place.ts";
import type { Workers } from "./processes.ts";
import type { Verdict } from "./scene.ts";
import { jobs } from "./scenes/contention.ts";

const claimers = [1, 4, 16];

/** How often a claim of one job is in vain, under a live source with MongoDB as the primary. */
export async function measureConflicts(workers: Workers, place: OpenPlace, seed: number): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const count of claimers) {
    await prepare(place, ["contention"]);
    const processes = Math.min(count, 4);
    const scenes = { contention: count / processes };
    const crew = await Crew.of(processes, workers, () => place.job({ scenes, seed, sabotage: null }));
    const { calls, tries } = await crew.end();
    const { broken, counts } = await judge(calls, place, ["contention"]);
    const claims = counts["contention claims"] ?? 0;
    const missing = claims === jobs ? [] : [`${claims} of ${jobs} jobs were claimed by ${count}`];
    const conflicts = tries.reduce((sum, one) => sum + failures(one), 0);
    verdicts.push({
      broken: [...broken, ...missing],
      counts: { [`conflicts per claim of ${count}`]: Math.round((conflicts / Math.max(claims, 1)) * 100) / 100 },
    });
  }
  return {
    broken: verdicts.flatMap(({ broken }) => broken),
    counts: Object.fromEntries(verdicts.flatMap(({ counts }) => Object.entries(counts))),
  };
}

const failures = (tries: Tries): number =>
  Object.values(tries["policyJobs.claim"]?.failed ?? {}).reduce((sum, times) => sum + times, 0);
