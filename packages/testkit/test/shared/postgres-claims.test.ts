import { inTurn } from "@stellaops/testkit";
import { postgresRig, type PostgresRig } from "@stellaops/testkit/module";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimOf, minute, order } from "./samples.ts";
import type { ShopRepositories } from "./shop/repositories.ts";
import { shop } from "./shop/wiring.ts";

let rig: PostgresRig<ShopRepositories>;
beforeAll(async () => void (rig = await postgresRig(shop)));
afterAll(() => rig.close());

it("a claim locks no more than it takes, over all ranks", async () => {
  const { orders } = rig.at("acme");
  const jobs = (["normal", "urgent", "high", "normal", "high", "urgent"] as const).map((priority) =>
    order({ priority }),
  );
  await inTurn(jobs, (job) => orders.put(job, 0n));
  const [one, others] = await rig.at("acme").transaction(async (bound) => {
    const taken = await bound.orders.claim(claimOf(1, minute(1)));
    return [taken, await orders.claim(claimOf(10, minute(1)))];
  });
  expect([one.length, others.length]).toEqual([1, 5]);
});
