import { withPostgres } from "@stellaops/testkit";
import { generateOsv } from "@stellaops/vuln";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rig, type Rig } from "./rig.ts";

const onVuln = ["--module", "vuln"] as const;
let at: Rig;
let receipt: string;
beforeAll(async () => {
  at = await rig({ installed: true });
  receipt = join(at.folder, "receipt.json");
  await stella(0, "stage", "init", ...onVuln, "--stage", "mongo");
  const feed = await at.feed("feed.ndjson", [...generateOsv({ count: 20 })]);
  await stella(0, "vuln", "import", "--feed", feed);
  await stella(0, "stage", "advance", ...onVuln);
  await stella(0, "backfill", "run", ...onVuln);
}, 180_000);
afterAll(() => at[Symbol.asyncDispose]());

/** Runs, expects the exit code, and gives the JSON. */
async function stella(code: number, ...args: readonly string[]) {
  const ended = await at.run(...args, "--json", "--quiet");
  expect({ ...ended, args }).toMatchObject({ code, json: { ok: code === 0 } });
  return ended.json;
}
const sql = (text: string) => withPostgres(at.postgres.url, (client) => client.query(text));

const unhurried = { timeout: 180_000 };

test(
  "a finding is shown, looked at again, and not repaired where nothing proves which is right",
  unhurried,
  async () => {
    expect((await stella(1, "compare", "show", ...onVuln)).error?.code).toBe("COMPARE_NONE");
    await sql("update vuln.advisories set primary_id = 'other' where advisory_key = 'STELLA-2026-000001'");
    await stella(1, "compare", "run", ...onVuln, "--receipt", receipt);
    const named = [{ class: "differing", paths: [{ path: "primaryId", postgres: "other" }] }];
    expect(await stella(1, "compare", "show", ...onVuln, "--class", "differing")).toMatchObject({ findings: named });
    expect(await stella(1, "compare", "show", ...onVuln, "--class", "missing")).toMatchObject({ findings: [] });
    expect(await stella(1, "compare", "recheck", ...onVuln)).toMatchObject({ findings: named, gone: [] });
    expect(await stella(1, "repair", "run", ...onVuln)).toMatchObject({ left: [{ why: "differing" }], applied: [] });
  },
);

test("what provably lags is repaired, and a receipt holds until something changes", unhurried, async () => {
  const key = "advisory_key = 'STELLA-2026-000001'";
  await sql(
    `with gone as (delete from vuln.advisories where ${key} returning id) delete from cutover.register r using gone where r.id = gone.id`,
  );
  await stella(1, "compare", "run", ...onVuln);
  expect(await stella(1, "repair", "status", ...onVuln)).toMatchObject({
    findings: 1,
    classes: { missing: 1 },
    pending: 0,
  });
  const dry = await stella(1, "repair", "run", ...onVuln, "--dry-run");
  expect(dry).toMatchObject({ applied: [{ class: "missing" }], left: [], whole: false });
  expect(await stella(0, "repair", "run", ...onVuln)).toMatchObject({ applied: [{ class: "missing" }], left: [] });
  expect(await stella(0, "compare", "recheck", ...onVuln)).toMatchObject({
    findings: [],
    gone: [{ class: "missing" }],
  });
  await stella(0, "compare", "run", ...onVuln, "--receipt", receipt, "--workers", "2");

  expect(await stella(0, "compare", "verify-receipt", receipt)).toMatchObject({ genuine: true });
  await sql(`update vuln.advisories set primary_id = 'other' where ${key}`);
  expect(await stella(1, "compare", "verify-receipt", receipt)).toMatchObject({
    aggregates: expect.arrayContaining([
      expect.objectContaining({
        aggregate: "advisories",
        ranges: expect.objectContaining({ changed: 0, differs: 1 }) as unknown,
      }),
    ]),
  });
  await writeFile(receipt, (await readFile(receipt, "utf8")).replace('"epoch":"', '"epoch":"1'));
  expect((await stella(1, "compare", "verify-receipt", receipt)).error?.code).toBe("RECEIPT_ALTERED");
  expect((await stella(2, "compare", "verify-receipt", join(at.folder, "none"))).error?.code).toBe("RECEIPT_MISSING");
});
