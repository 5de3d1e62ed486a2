import { generateOsv } from "@stellaops/vuln";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, start, type Ended } from "./cli.ts";
import { rig, type Rig } from "./rig.ts";

const records = 4_000;
let at: Rig;
beforeAll(async () => {
  at = await rig({ installed: true });
});
afterAll(() => at[Symbol.asyncDispose]());

/** Interrupted at the keyboard as soon as it says how far it is. */
async function interrupted(...args: readonly string[]): Promise<Ended> {
  const child = start([...args, "--json"], at.environment, at.folder);
  const end = ended(child);
  if (child.stderr !== null) await once(child.stderr, "data");
  child.kill("SIGINT");
  return end;
}

test("an import and a backfill that were interrupted say how to go on, and do so", async () => {
  const feed = await at.feed("many.ndjson", generateOsv({ count: records }));
  expect(await at.run("stage", "init", "--module", "vuln", "--stage", "mongo")).toMatchObject({ code: 0 });
  const first = await interrupted("vuln", "import", "--feed", feed);
  expect(first).toMatchObject({ code: 130, json: { ok: false, error: { code: "INTERRUPTED" } } });
  expect(first.stderr).toContain("run the same command again");

  const { json } = await at.run("vuln", "import", "--feed", feed, "--json");
  expect(json).toMatchObject({ ok: true, read: records, refused: 0 });
  expect(Number(json["unchanged"])).toBeGreaterThanOrEqual(500);
  expect(Number(json["inserted"]) + Number(json["unchanged"])).toBe(records);

  expect(await at.run("stage", "advance", "--module", "vuln")).toMatchObject({ code: 0 });
  const second = await interrupted("backfill", "run", "--module", "vuln");
  expect(second).toMatchObject({ code: 130 });
  expect(second.json.error?.message).toContain("goes on from its cursors");
  expect((await at.run("backfill", "status", "--module", "vuln", "--json")).json).toMatchObject({
    replicating: true,
    backfilledAt: null,
  });
  expect((await at.run("backfill", "run", "--module", "vuln", "--json")).json).toMatchObject({ ok: true, parked: 0 });
  expect((await at.run("backfill", "status", "--module", "vuln", "--json")).json).toMatchObject({
    aggregates: expect.arrayContaining([{ aggregate: "advisories", copied: records, done: true }]),
  });
});
