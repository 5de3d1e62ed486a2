import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultPoints } from "@stellaops/cutover";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), "utf8");
const page = text("docs/reference/model.md");
const words = new Set<string>(page.match(/`[^`\n]+`/g)?.map((word) => word.slice(1, -1)) ?? []);
/** Words that stand in code spans, also several in one. */
const named = (word: string): boolean => [...words].some((span) => span.split(/[ ,]+/).includes(word));

test("every fault point stands in the page", () => {
  expect(faultPoints.filter((point) => !named(point))).toEqual([]);
});

test("every switch of the model, and of switches.txt, stands in the page, and no other", () => {
  const model = text("tooling/model/cutover.pml");
  const used: readonly string[] = text("tooling/model/switches.txt").match(/(?:BUG|GAP)_[A-Z_]+/g) ?? [];
  const asked = [...model.matchAll(/#ifn?def ((?:BUG|GAP)_[A-Z_]+)/g)].map(([, name]) => name ?? "");
  const switches = new Set([...used, ...asked]);
  expect([...switches].filter((name) => !named(name))).toEqual([]);
  expect([...words].filter((word) => /^(?:BUG|GAP)_[A-Z_]+$/.test(word) && !switches.has(word))).toEqual([]);
  // One that no line of the list tries would be found by nobody.
  expect([...switches].filter((name) => !used.includes(name))).toEqual([]);
});

test("every file that it names is there, and so is every experiment and sabotage", async () => {
  const files = [...words].filter((word) => /^(?:packages|tooling)\//.test(word));
  expect(files.length).toBeGreaterThan(30);
  const missing: string[] = [];
  for (const file of files) await access(join(root, file)).catch(() => missing.push(file));
  expect(missing).toEqual([]);
  const { experiments } = await import("../src/index.ts");
  const unknown = [...words].filter((word) => {
    const [, name, sabotage] = /^prove ([a-z-]+)(?: --sabotage ([a-z-]+))?$/.exec(word) ?? [];
    if (name === undefined) return false;
    const sabotages = experiments[name]?.sabotages;
    return sabotages === undefined || (sabotage !== undefined && !Object.hasOwn(sabotages, sabotage));
  });
  expect(unknown).toEqual([]);
});

test("where SPIN is missing it says so, and checks nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "stella-no-spin-"));
  for (const tool of ["bash", "dirname", "grep"])
    symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(folder, tool));
  const said = execFileSync("bash", ["-c", `PATH=${folder} "${root}tooling/model/check.sh" 2>&1`], {
    encoding: "utf8",
  });
  expect(said).toMatch(/^THE MODEL DID NOT RUN: spin and gcc not found.*nothing was checked/);
  rmSync(folder, { recursive: true });
});
