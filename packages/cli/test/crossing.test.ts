import { verifyReceipt } from "@stellaops/cutover";
import { withPostgres } from "@stellaops/testkit";
import { generateOsv } from "@stellaops/vuln";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contents } from "./contents.ts";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig({ installed: false });
});
afterAll(() => at[Symbol.asyncDispose]());

/** Runs, expects the exit code, and gives the JSON. */
async function stella(code: number, ...args: readonly string[]) {
  const ended = await at.run(...args, "--json", "--quiet");
  expect({ ...ended, args }).toMatchObject({ code, json: { ok: code === 0 } });
  return ended.json;
}

const onVuln = ["--module", "vuln"] as const;
const advance = (...more: readonly string[]) => stella(0, "stage", "advance", ...onVuln, ...more);
const back = (...more: readonly string[]) => stella(0, "stage", "back", ...onVuln, ...more);
const records = [...generateOsv({ count: 120 })];
const imported = async (from: number, to: number, ...more: readonly string[]) =>
  stella(0, "vuln", "import", "--feed", await at.feed(`${from}.ndjson`, records.slice(from, to)), ...more);

const equal = async (rows: number) => {
  const { findings, comparison } = await stella(0, "compare", "run", ...onVuln);
  expect(findings).toBe(0);
  expect(comparison).toMatchObject({
    aggregates: expect.arrayContaining([
      expect.objectContaining({ aggregate: "advisories", rows: { mongo: rows, postgres: rows } }),
    ]),
  });
};

/** Nobody reads here but the commands themselves. */
const unread = ["--min-shadow-reads", "0"] as const;

const retitle = (to: string) =>
  withPostgres(at.postgres.url, (client) =>
    client.query(`update vuln.advisories set title = ${to} where advisory_key = 'STELLA-2026-000001'`),
  );

/** A row that was changed behind everybody's back keeps the primary where it is. */
async function differenceIsFound(): Promise<void> {
  await retitle("title || ' '");
  const path = join(at.folder, "receipt.json");
  expect(await stella(1, "compare", "run", ...onVuln, "--receipt", path)).toMatchObject({ findings: 1 });
  expect(verifyReceipt(await readFile(path, "utf8")).comparison).toMatchObject({ equal: false });
  const { error } = await stella(1, "stage", "advance", ...onVuln, ...unread);
  expect(error).toMatchObject({
    code: "STAGE_GUARD",
    details: {
      evidence: {
        passed: false,
        checks: [
          { name: "capture", passed: true, numbers: { misfits: 0, loss: null } },
          { name: "backfill", passed: true },
          { name: "backlog", passed: true, numbers: { left: 0, parked: 0 } },
          { name: "shadow", passed: true, numbers: { agreed: 0, differed: 0, least: 0 } },
          { name: "comparison", passed: false, numbers: { findings: 1, first: [{ class: "differing" }] } },
        ],
      },
    },
  });
  await retitle("rtrim(title)");
  const before = await contents(at);
  expect(await advance("--dry-run", ...unread)).toMatchObject({ dryRun: true, to: "live", evidence: { passed: true } });
  expect(await contents(at)).toEqual(before);
}

/** Each test goes on from where the one before it ended; a machine that is busy may take its time over fifteen processes. */
const unhurried = { timeout: 180_000 };

test("a module is installed and replicated, with imports all along", unhurried, async () => {
  await stella(0, "migrate", "apply", ...onVuln);
  await stella(0, "stage", "init", ...onVuln, "--stage", "mongo");
  expect(await imported(0, 40)).toMatchObject({ read: 40, inserted: 40, refused: 0 });

  expect(await advance()).toMatchObject({ from: "mongo", to: "dual-write", primary: "mongo" });
  await stella(1, "stage", "advance", ...onVuln); // the backfill is missing
  expect(await imported(30, 60, "--tenant", "acme")).toMatchObject({ inserted: 30 });
  const dry = { from: "mongo", to: "postgres", dryRun: true };
  expect(await stella(0, "backfill", "run", ...onVuln, "--dry-run")).toMatchObject(dry);
  expect(await stella(0, "backfill", "run", ...onVuln)).toMatchObject({ from: "mongo", to: "postgres", parked: 0 });
  expect(await advance("--to", "shadow")).toMatchObject({ to: "shadow" });
  expect(await imported(60, 80)).toMatchObject({ inserted: 20 });
});

test("it moves to PostgreSQL, once both databases hold the same", unhurried, async () => {
  await differenceIsFound();
  const unseen = await stella(1, "stage", "advance", ...onVuln); // no read was compared
  expect(unseen.error).toMatchObject({ code: "STAGE_GUARD", message: expect.stringContaining("0 reads agreed") });
  const live = await advance("--to", "live", ...unread, "--by", "an operator", "--reason", "the first crossing");
  expect(live).toMatchObject({ from: "shadow", to: "live", primary: "postgres", evidence: { passed: true } });
  expect(await imported(80, 100)).toMatchObject({ inserted: 20 });
  await advance("--to", "ramp-down");
  const gone = await stella(1, "stage", "advance", ...onVuln); // nobody confirmed it
  expect(gone.error).toMatchObject({ code: "STAGE_GUARD" });
  expect(await advance("--yes")).toMatchObject({ to: "postgres", secondary: null });
  expect(await imported(100, 110)).toMatchObject({ inserted: 10 });
});

test("it moves back to MongoDB, with what was written meanwhile", unhurried, async () => {
  expect(await back()).toMatchObject({ from: "postgres", to: "ramp-down" });
  expect(await stella(0, "backfill", "run", ...onVuln)).toMatchObject({ from: "postgres", to: "mongo" });
  await back();
  expect(await back(...unread)).toMatchObject({ from: "live", to: "shadow", primary: "mongo" });
  expect(await imported(110, 120)).toMatchObject({ inserted: 10 });
  // Writing again what is there writes nothing, on the database that was the secondary a moment ago.
  expect(await imported(0, 120)).toMatchObject({ inserted: 20, unchanged: 100 });
  await back("--to", "dual-write");
  await stella(0, "stage", "advance", ...onVuln, "--to", "shadow"); // drains what the imports left pending
  await equal(150);
  // Steps that keep the primary go on without the secondary.
  const away = ["--replicator-url", "postgres://nobody@127.0.0.1:1/none"] as const;
  await back(...away);
  expect(await back("--yes", ...away)).toMatchObject({ to: "mongo", secondary: null });

  const { history } = await stella(0, "stage", "history", ...onVuln);
  expect(history).toEqual(
    expect.arrayContaining([expect.objectContaining({ stage: "live", state: "settled", changedBy: "an operator" })]),
  );
});
