import type { Call } from "./call.ts";
import type { OpenPlace } from "./place.ts";
import type { Verdict } from "./scene.ts";

/** What each scene makes of the calls, and whatever failed. */
export async function judge(calls: readonly Call[], place: OpenPlace, chosen: readonly string[]): Promise<Verdict> {
  const inVain = calls.filter(({ end }) => end !== null && "refused" in end && end.inVain);
  const own = Map.groupBy(calls, ({ scene }) => scene);
  const broken: string[] = [];
  const counts: Record<string, number> = { "in vain": inVain.length };
  for (const { scenes, opened } of place.modules)
    for (const [name, { refusals }] of Object.entries(scenes)) {
      if (!chosen.includes(name)) continue;
      const its = own.get(name) ?? [];
      const verdict = await opened.judge(name, its);
      broken.push(...[...failures(its, refusals), ...verdict.broken].map((one) => `${name}: ${one}`));
      for (const [what, count] of Object.entries(verdict.counts)) counts[`${name} ${what}`] = count;
    }
  return { broken, counts };
}

const failures = (calls: readonly Call[], refusals: readonly string[]): readonly string[] =>
  calls.flatMap(({ verb, key, end }) =>
    end !== null && "refused" in end && !end.inVain && !refusals.includes(end.refused)
      ? [`${verb} of ${key} failed: ${end.refused}: ${end.message}`]
      : [],
  );
