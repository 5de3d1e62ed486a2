import { withPostgres } from "@stellaops/testkit";
import { generateOsv } from "@stellaops/vuln";
import { execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, start, type Ended } from "./cli.ts";
import { rig, type Rig } from "./rig.ts";

const makePipe = "mkfifo";
const records = 1_200;
const onVuln = ["--module", "vuln"] as const;
let at: Rig;
let feed: string;
beforeAll(async () => {
  at = await rig({ installed: true });
  feed = await at.feed("many.ndjson", generateOsv({ count: records }));
});
afterAll(() => at[Symbol.asyncDispose]());

const begin = (...args: readonly string[]): ChildProcess => start([...args, "--json"], at.environment, at.folder);

/** Interrupts it as soon as it says how far it is; `held` keeps it from coming to its end before that. */
async function interrupt(child: ChildProcess, held: () => Promise<unknown>): Promise<Ended> {
  const end = ended(child);
  if (child.stderr !== null) await once(child.stderr, "data");
  child.kill("SIGINT");
  await held();
  return end;
}

test("an import that was interrupted says how to go on, and does so", async () => {
  expect(await at.run("stage", "init", ...onVuln, "--stage", "mongo")).toMatchObject({ code: 0 });
  const pipe = join(at.folder, "pipe.ndjson");
  execFileSync(makePipe, [pipe]);
  const child = begin("vuln", "import", "--feed", pipe);
  const writer = await open(pipe, "w");
  const lines = (await readFile(feed, "utf8")).split("\n");
  await writer.write(`${lines.slice(0, 600).join("\n")}\n`);
  const stopped = await interrupt(child, async () => {
    await writer.write(`${lines[600]}\n`);
    await writer.close();
  });
  expect(stopped).toMatchObject({ code: 130, json: { ok: false, error: { code: "INTERRUPTED" } } });
  expect(stopped.stderr).toContain("run the same command again");
  const { json } = await at.run("vuln", "import", "--feed", feed, "--json");
  expect(json).toMatchObject({ ok: true, read: records, unchanged: 500, inserted: records - 500, refused: 0 });
});

test("a backfill that was interrupted says how to go on, and does so", async () => {
  expect(await at.run("stage", "advance", ...onVuln)).toMatchObject({ code: 0 });
  await withPostgres(at.postgres.url, async (client) => {
    await client.query("begin");
    await client.query("lock table vuln.advisories");
    const stopped = await interrupt(begin("backfill", "run", ...onVuln), () => client.query("rollback"));
    expect(stopped).toMatchObject({ code: 130 });
    expect(stopped.json.error?.message).toContain("goes on from its cursors");
  });
  const status = async () => (await at.run("backfill", "status", ...onVuln, "--json")).json;
  expect(await status()).toMatchObject({ replicating: true, backfilledAt: null });
  expect((await at.run("backfill", "run", ...onVuln, "--json")).json).toMatchObject({ ok: true, parked: 0 });
  expect(await status()).toMatchObject({
    aggregates: expect.arrayContaining([
      expect.objectContaining({ aggregate: "advisories", copied: records, done: true, secondsLeft: 0 }),
    ]),
  });
});

test("a backfill that is paused begins nowhere until it is resumed", async () => {
  expect(await at.run("stage", "back", ...onVuln, "--yes")).toMatchObject({ code: 0 });
  expect((await at.run("purge", "run", ...onVuln, "--json")).json).toMatchObject({ ok: true, purged: 0 });
  expect(await at.run("stage", "advance", ...onVuln)).toMatchObject({ code: 0 });
  expect(await at.run("backfill", "pause", ...onVuln)).toMatchObject({ code: 0 });
  const refused = await at.run("backfill", "run", ...onVuln, "--json");
  expect(refused).toMatchObject({ code: 1, json: { ok: false, error: { code: "BACKFILL_PAUSED" } } });
  expect(refused.json.error?.message).toContain("backfill resume --module vuln");
  const status = (await at.run("backfill", "status", ...onVuln, "--json")).json;
  expect(status).toMatchObject({ pausedAt: expect.any(String), sweptAt: null });
  expect(await at.run("backfill", "resume", ...onVuln)).toMatchObject({ code: 0 });
  const run = await at.run("backfill", "run", ...onVuln, "--workers", "3", "--rate", "100000", "--json");
  // The advisories and their source.
  expect(run.json).toMatchObject({ ok: true, copied: records + 1, parked: 0 });
  const over = await at.run("backfill", "pause", ...onVuln, "--json");
  expect(over).toMatchObject({ code: 1, json: { error: { code: "BACKFILL_OVER" } } });
  expect(await at.run("purge", "run", ...onVuln, "--json")).toMatchObject({
    code: 1,
    json: { error: { code: "PURGE_REPLICATING" } },
  });
});
