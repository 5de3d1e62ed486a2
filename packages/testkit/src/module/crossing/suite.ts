import { findingsOf, type Stage } from "@stellaops/cutover";
import { expect, test } from "vitest";
import { verbsOf } from "../verbs.ts";
import { childTenant } from "./child-lines.ts";
import type { ModuleLoad } from "./load.ts";
import { crossingRig } from "./rig.ts";
import { startChild } from "./start-child.ts";
import { startLoad } from "./start.ts";
import { Told } from "./told.ts";

/** Forward, back to MongoDB alone, and forward again: every stage in both directions. */
const way: readonly Stage[] = [
  ...(["dual-write", "shadow", "live", "ramp-down", "postgres"] as const),
  ...(["ramp-down", "live", "shadow", "dual-write", "mongo"] as const),
  ...(["dual-write", "shadow", "live", "ramp-down", "postgres"] as const),
];

const tenants = ["acme", "umbrella"];

/** `file` holds the same load as an export `load`, for a process of its own. */
export function crossingSuite<R>({ load, file }: { readonly load: ModuleLoad<R>; readonly file: URL }): void {
  test(
    "every verb goes on through all stages, back and forth, and nothing that was acknowledged is lost",
    { timeout: 900_000 },
    async () => {
      await using at = await crossingRig(load.wiring);
      await at.begin();
      const told = new Told();
      const modules = [await at.open(), await at.open()] as const;
      const loads = modules.map((module, i) =>
        startLoad(load, { module, tenant: tenants[i] ?? "", seed: i + 1 }, told),
      );
      const child = startChild(file, at.urls, told);
      /** Every load has gone once through all of its verbs under the stage that was reached. */
      const underLoad = async (): Promise<void> => {
        const before = loads.map((running) => running.rounds());
        const ofChild = told.acknowledged(childTenant).size;
        const went = () =>
          told.acknowledged(childTenant).size > ofChild &&
          loads.every((running, i) => running.rounds() > (before[i] ?? 0));
        await expect.poll(went, { interval: 10, timeout: 120_000 }).toBe(true);
      };
      await underLoad();
      for (const stage of way) {
        await at.advance(stage);
        const { secondary, generation } = await at.view();
        const copied = secondary === null ? generation : (await at.backfill()).generation;
        expect(copied).toBe(generation);
        await underLoad();
      }
      await at.advance("ramp-down");
      await at.backfill();
      for (const running of loads) await running.stop();
      expect(await child.stop()).toBe(0);
      await expect.poll(at.pending, { interval: 20, timeout: 60_000 }).toBe(0);

      const comparison = await at.compare();
      expect.soft(comparison.aggregates.flatMap(({ findings }) => findings)).toEqual([]);
      expect.soft(findingsOf(comparison)).toBe(0);
      expect
        .soft(comparison.aggregates.filter(({ rows }) => rows.mongo === 0).map(({ aggregate }) => aggregate))
        .toEqual([]);
      for (const [i, { verbs }] of loads.entries()) {
        expect.soft([...verbs].toSorted()).toEqual(verbsOf(load.wiring));
        expect.soft(told.acknowledged(tenants[i] ?? "").size).toBeGreaterThan(way.length * 10);
        expect.soft(await told.missing(modules[0], tenants[i] ?? "")).toEqual([]);
      }
      expect.soft(told.acknowledged(childTenant).size).toBeGreaterThan(100);
      expect.soft(await told.missing(modules[1], childTenant)).toEqual([]);
      expect.soft(told.doubled().slice(0, 10)).toEqual([]);
      expect.soft(told.given() > 0).toBe(load.rival !== undefined);
    },
  );
}
