import { derivedId } from "@stellaops/cutover";
import { withMongo } from "@stellaops/testkit";
import { loseToken } from "@stellaops/testkit/capture";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig({ installed: false });
});
afterAll(() => at[Symbol.asyncDispose]());

const onVuln = ["--module", "vuln"] as const;
const stella = async (code: number, ...args: readonly string[]) => {
  const ended = await at.run(...args, "--json", "--quiet");
  expect({ ...ended, args }).toMatchObject({ code, json: { ok: code === 0 } });
  return ended.json;
};
type Client = Parameters<Parameters<typeof withMongo>[1]>[0];
type Collection = ReturnType<ReturnType<Client["db"]>["collection"]>;
const sources = <T>(work: (collection: Collection) => Promise<T>) =>
  withMongo(at.mongo.url, (client) => work(client.db().collection("sources")));

const when = new Date("2026-01-02T03:04:05.678Z");
const legacy = (key: string, over: object = {}): object => ({
  key,
  name: "A feed",
  kind: "osv",
  priority: 1,
  enabled: true,
  config: {},
  createdAt: when,
  updatedAt: when,
  ...over,
});
const first = { key: "first" };

/** Each test goes on from where the one before it ended. */
const unhurried = { timeout: 240_000 };

test("a dry run says what is there and what would be refused, and changes nothing", unhurried, async () => {
  const two = { _id: "two", id: "0190a1b2-0000-7000-8000-000000000001", priority: 2.5 };
  const made = await sources(async (collection) => {
    await collection.insertMany([legacy("two", two), legacy("three", { colour: "red" })]);
    return (await collection.insertOne(legacy("first"))).insertedId;
  });
  const report = join(at.folder, "dry.ndjson");
  const dry = await stella(1, "adopt", ...onVuln, "--tenant", "acme", "--dry-run", "--report", report);
  expect(dry).toMatchObject({
    dryRun: true,
    first: [expect.stringContaining("priority"), expect.stringContaining("colour")],
  });
  const lines = (await readFile(report, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual(
    expect.arrayContaining([
      {
        collection: "sources",
        _id: { $oid: made.toHexString() },
        tenant: "acme",
        id: derivedId(made),
      },
      expect.objectContaining({
        _id: "two",
        refusals: [expect.objectContaining({ path: "priority", code: "VALUE_INVALID" })],
      }),
    ]),
  );
  expect(await sources((collection) => collection.countDocuments({ revision: { $exists: true } }))).toBe(0);
  const people = await at.run("adopt", ...onVuln, "--tenant", "acme", "--dry-run", "--quiet");
  expect(people.stdout).toMatch(/colour \(unknown\) +1 of 3 +String 1/);
});

test("what fits is adopted, the rest is listed, and a second run has nothing to do", unhurried, async () => {
  const report = join(at.folder, "refused.ndjson");
  const mapping = join(at.folder, "mapping.json");
  await writeFile(mapping, '{"sources": {"keep": "config"}}');
  const args = ["adopt", ...onVuln, "--tenant", "acme", "--mapping", mapping, "--report", report] as const;
  const found = (adopted: number, inPlace: number) => ({
    collections: expect.arrayContaining([{ collection: "sources", scanned: 3, adopted, inPlace, refused: 1 }]),
    first: [expect.stringContaining('sources "two": priority is stored as Double')],
  });
  expect(await stella(1, ...args)).toMatchObject(found(2, 0));
  expect(await stella(1, ...args)).toMatchObject(found(0, 2));
  expect((await readFile(report, "utf8")).trim().split("\n")).toHaveLength(3);
  await sources((collection) => collection.deleteOne({ _id: "two" as never }));
  expect(await stella(0, ...args)).toMatchObject({ first: [] });
  await stella(0, "migrate", "apply", ...onVuln);
  expect(await stella(2, "adopt", ...onVuln, "--mapping", report)).toMatchObject({ error: { code: "ADOPT_MAPPING" } });
});

test("a lost position is told, refuses the guard, and is covered by a rescan", unhurried, async () => {
  await stella(0, "stage", "init", ...onVuln, "--stage", "mongo");
  await stella(0, "stage", "advance", ...onVuln);
  expect(await stella(1, "adopt", ...onVuln)).toMatchObject({ error: { code: "ADOPT_STAGE" } });
  await stella(0, "backfill", "run", ...onVuln);
  await stella(0, "capture", "rescan", ...onVuln);
  await sources((collection) => collection.updateOne(first, { $set: { name: "by a script" } }));
  await withMongo(at.mongo.url, (client) => loseToken(client.db()));
  await stella(1, "stage", "advance", ...onVuln);
  expect(await stella(1, "capture", "status", ...onVuln)).toMatchObject({ capture: { loss: { coveredAt: null } } });
  expect(await stella(0, "stage", "show", ...onVuln)).toMatchObject({ captureLoss: expect.stringContaining("280") });
  expect(await stella(0, "capture", "rescan", ...onVuln)).toMatchObject({ findings: 0, caughtUp: 1 });
  expect(await stella(0, "capture", "status", ...onVuln)).toMatchObject({
    capture: { loss: { coveredAt: expect.any(String) } },
  });
  expect(await stella(0, "stage", "advance", ...onVuln)).toMatchObject({ to: "shadow" });
});
