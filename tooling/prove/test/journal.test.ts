import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Journal, readJournal } from "../src/atomic/journal.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stella-journal-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const call = { scene: "locks", verb: "acquire", key: "k", by: "a", args: { until: 5 } };

test("calls are read as they were told, and what was never answered is open", () => {
  const path = join(folder, "whole");
  const journal = new Journal(path);
  const [first, second] = [journal.begin(call), journal.begin({ ...call, by: "b" })];
  second({ refused: "LOCK_LOST", inVain: false, message: "another has it" });
  first({ answer: { token: 1 } });
  journal.begin({ ...call, by: "c" });
  journal.close();
  const calls = readJournal(path);
  expect(calls).toMatchObject([
    { by: "a", args: { until: 5 }, end: { answer: { token: 1 } } },
    { by: "b", end: { refused: "LOCK_LOST" } },
    { by: "c", end: null },
  ]);
  expect(calls[1]?.end?.at).toBeLessThanOrEqual(calls[0]?.end?.at ?? 0);
});

test("a line that a kill has cut is none", () => {
  const path = join(folder, "cut");
  const journal = new Journal(path);
  journal.begin(call);
  journal.close();
  appendFileSync(path, '{"call":1,"end":{"at":7,"ans');
  expect(readJournal(path)).toMatchObject([{ by: "a", end: null }]);
});
