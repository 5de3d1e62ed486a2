import type { AuthorityRepositories } from "@stellaops/authority";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { OpenPlace } from "./place.ts";
import type { Holding, Scene } from "./scene.ts";
import { consume } from "./scenes/consume.ts";
import { contention } from "./scenes/contention.ts";
import { graphJobs } from "./scenes/graph-jobs.ts";
import { locks } from "./scenes/locks.ts";
import { lockout } from "./scenes/lockout.ts";
import { policyJobs } from "./scenes/policy-jobs.ts";
import { redeem } from "./scenes/redeem.ts";
import { transitions } from "./scenes/transitions.ts";
import { triggers } from "./scenes/triggers.ts";

/** Not a guarantee: by itself, after the others. */
const measured = "contention";

/** What is measured finds no work of the others. */
export const tenantOf = (scene: string): string => (scene === measured ? "umbrella" : "acme");

export const scenes: {
  readonly authority: Readonly<Record<string, Scene<AuthorityRepositories>>>;
  readonly scheduler: Readonly<Record<string, Scene<SchedulerRepositories>>>;
} = {
  authority: { redeem, consume, lockout },
  scheduler: {
    "policy-jobs": policyJobs,
    "graph-jobs": graphJobs,
    triggers,
    locks,
    transitions,
    [measured]: contention,
  },
};

/** By scene, in each process: of some scenes, or of all that are guarantees. */
export const callersOf = (some: readonly string[] | null): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Object.entries(scenes.authority), ...Object.entries(scenes.scheduler)]
      .filter(([name]) => some?.includes(name) ?? name !== measured)
      .map(([name, { callers }]) => [name, callers]),
  );

/** What callers of these scenes may have. */
export const holdingsOf = (chosen: Readonly<Record<string, number>>): readonly Holding[] =>
  [...Object.entries(scenes.authority), ...Object.entries(scenes.scheduler)].flatMap(([name, { holds }]) =>
    holds !== null && name in chosen ? [holds] : [],
  );

export async function prepare({ authority, scheduler, now }: OpenPlace, chosen: readonly string[]): Promise<void> {
  for (const name of chosen) {
    await scenes.authority[name]?.prepare(authority.tenant(tenantOf(name)), now());
    await scenes.scheduler[name]?.prepare(scheduler.tenant(tenantOf(name)), now());
  }
}
