import type { OpenModule } from "@stellaops/cutover";
import type { Call } from "./call.ts";
import type { OpenPlace } from "./place.ts";
import type { Scene, Verdict } from "./scene.ts";
import { scenes, tenantOf } from "./scenes.ts";

/** What each scene makes of the calls, and whatever failed. */
export async function judge(calls: readonly Call[], place: OpenPlace, chosen: readonly string[]): Promise<Verdict> {
  const inVain = calls.filter(({ end }) => end !== null && "refused" in end && end.inVain);
  const own = Map.groupBy(calls, ({ scene }) => scene);
  const verdicts = [
    ...(await verdictsOf(scenes.authority, place.authority, chosen, own)),
    ...(await verdictsOf(scenes.scheduler, place.scheduler, chosen, own)),
  ];
  return {
    broken: verdicts.flatMap(({ broken }) => broken),
    counts: {
      "in vain": inVain.length,
      ...Object.fromEntries(verdicts.flatMap(({ counts }) => Object.entries(counts))),
    },
  };
}

async function verdictsOf<R>(
  all: Readonly<Record<string, Scene<R>>>,
  module: OpenModule<R>,
  chosen: readonly string[],
  calls: ReadonlyMap<string, readonly Call[]>,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [name, scene] of Object.entries(all)) {
    if (!chosen.includes(name)) continue;
    const own = calls.get(name) ?? [];
    const { broken, counts } = await scene.judge(own, module.tenant(tenantOf(name)));
    verdicts.push({
      broken: [...failures(own, scene.refusals), ...broken].map((one) => `${name}: ${one}`),
      counts: labelled(name, counts),
    });
  }
  return verdicts;
}

const failures = (calls: readonly Call[], refusals: readonly string[]): readonly string[] =>
  calls.flatMap(({ verb, key, end }) =>
    end !== null && "refused" in end && !end.inVain && !refusals.includes(end.refused)
      ? [`${verb} of ${key} failed: ${end.refused}: ${end.message}`]
      : [],
  );

const labelled = (name: string, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([what, count]) => [`${name} ${what}`, count]));
