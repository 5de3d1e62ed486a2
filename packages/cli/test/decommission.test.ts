import { openPostgres } from "@stellaops/postgres";
import { generateOsv, openVuln } from "@stellaops/vuln";
import { withMongo, withPostgres } from "@stellaops/testkit";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
let file: string;
beforeAll(async () => {
  at = await rig({ installed: true });
  file = join(at.folder, "vuln.archive");
});
afterAll(() => at[Symbol.asyncDispose]());

/** Runs, expects the exit code, and gives the JSON. */
async function stella(code: number, ...args: readonly string[]) {
  const ended = await at.run(...args, "--json", "--quiet");
  expect({ ...ended, args }).toMatchObject({ code, json: { ok: code === 0 } });
  return ended.json;
}
const onVuln = ["--module", "vuln"] as const;
const advance = (...more: readonly string[]) =>
  stella(0, "stage", "advance", ...onVuln, "--min-shadow-reads", "0", ...more);
const decommission = (code: number, ...more: readonly string[]) =>
  stella(code, "decommission", ...onVuln, "--observe", "200ms", ...more);
const documents = () =>
  withMongo(at.mongo.url, (client) => client.db(at.mongo.name).collection("advisories").countDocuments());

const records = [...generateOsv({ count: 70 })];
const imported = async (from: number, to: number) =>
  stella(0, "vuln", "import", "--feed", await at.feed(`${from}.ndjson`, records.slice(from, to)));

test(
  "from MongoDB to PostgreSQL alone, MongoDB emptied, brought back, and the primary again",
  { timeout: 300_000 },
  async () => {
    await stella(0, "stage", "init", ...onVuln, "--stage", "mongo");
    await imported(0, 60);
    await advance();
    await stella(0, "backfill", "run", ...onVuln);

    expect((await decommission(1)).error).toMatchObject({ code: "STAGE_NOT_POSTGRES" });
    for (const more of [[], [], [], ["--yes"]]) await advance(...more);

    // A dry run changes nothing; the stage may still change.
    expect(await decommission(0, "--dry-run")).toMatchObject({ passed: true, dryRun: true });
    const fixed = () =>
      withPostgres(at.postgres.url, async (client) => (await client.query("select from cutover.fixed")).rowCount);
    expect(await fixed()).toBe(0);

    // Something that reads MongoDB all along is named.
    const stop = new AbortController();
    const reading = withMongo(at.mongo.url, async (client) => {
      while (!stop.signal.aborted) await client.db(at.mongo.name).collection("kev_flags").findOne({});
    });
    const refused = await decommission(1, "--out", file).finally(() => stop.abort());
    await reading;
    expect(refused["proofs"]).toContainEqual(
      expect.objectContaining({ name: "traffic", passed: false, saw: expect.stringContaining("kev_flags") }),
    );
    await expect(stat(file)).rejects.toMatchObject({ code: "ENOENT" });

    // Fixed by then: a service runs without MongoDB, and the stage stays.
    const postgres = openPostgres({ url: at.environment["STELLA_POSTGRES_URL"] ?? "" });
    const service = await openVuln({ postgres, stage: "postgres" });
    expect((await service.shared().advisories.list({ limit: 5 })).items).toHaveLength(5);
    expect((await stella(1, "stage", "back", ...onVuln)).error).toMatchObject({ code: "STAGE_FIXED" });

    const archived = await decommission(0, "--out", file);
    expect(archived).toMatchObject({
      passed: true,
      file,
      deleted: null,
      manifest: { module: "vuln", stage: "postgres" },
    });
    expect(await documents()).toBe(60);
    const ended = await at.run("decommission", ...onVuln, "--observe", "200ms", "--out", file);
    expect(ended.stdout).toContain("verified now");
    expect(ended.stdout).toMatch(/advisories, .*register.* may go/);
    expect((await decommission(2, "--out", file, "--drop")).error).toMatchObject({ code: "DECOMMISSION_CONFIRM" });
    expect(await documents()).toBe(60);

    expect(await decommission(0, "--out", file, "--drop", "--yes")).toMatchObject({ deleted: 60 + 1 });
    expect(await documents()).toBe(0);
    expect(await stella(0, "restore", ...onVuln, "--from", file, "--dry-run")).toMatchObject({ dryRun: true });
    expect(await documents()).toBe(0);
    expect(await stella(0, "restore", ...onVuln, "--from", file)).toMatchObject({ file });
    expect(await documents()).toBe(60);
    expect((await stella(1, "restore", ...onVuln, "--from", file)).error).toMatchObject({ code: "RESTORE_NOT_EMPTY" });
    expect(await stella(0, "compare", "run", ...onVuln)).toMatchObject({ findings: 0 });

    expect(await decommission(0, "--undo")).toMatchObject({ released: true });
    await service.close();
    await postgres.close();
    await withPostgres(at.postgres.url, (client) =>
      client.query("update cutover.fixed set released_at = released_at - interval '10 seconds'"),
    );
    await imported(60, 70);
    await stella(0, "stage", "back", ...onVuln);
    await stella(0, "backfill", "run", ...onVuln);
    for (let i = 0; i < 2; i += 1) await stella(0, "stage", "back", ...onVuln, "--min-shadow-reads", "0");
    expect(await stella(0, "stage", "show", ...onVuln)).toMatchObject({ primary: "mongo" });
    expect(await documents()).toBe(70);
  },
);

test("times are given with their unit", async () => {
  const { code, stderr } = await at.run("decommission", ...onVuln, "--observe", "soon");
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('"30s", "500ms" or "2m"') });
  const { stdout } = await at.run("decommission", "--help");
  expect(stdout.match(/\(default: 30.*?\)/g)).toEqual(["(default: 30s)"]);
});
