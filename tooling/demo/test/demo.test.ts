import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

// Each starts two servers, and three services on them.
vi.setConfig({ testTimeout: 180_000 });

const script = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** As a newcomer starts it, with servers of its own. */
function start(...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const { POSTGRES_URL: _, MONGODB_URL: __, ...env } = process.env;
  return spawn(process.execPath, ["--conditions=@stellaops/source", script, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(...args: readonly string[]) {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, stdout, stderr };
}

test("an unknown option, or a number that is none, ends with 2 and the usage", async () => {
  for (const args of [["--unknown"], ["--documents", "many"], ["there"]]) {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("pnpm demo [--feed PATH]");
  }
  expect(await run("--help")).toMatchObject({ code: 0, stderr: "" });
});

test("crosses, back and forth, and tells it in one JSON object", async () => {
  const { code, stdout, stderr } = await run("--documents", "200", "--json");
  const lines = stdout.trimEnd().split("\n").length;
  expect({ code, lines, told: code === 0 ? "" : stderr }).toEqual({ code: 0, lines: 1, told: "" });
  const report: unknown = JSON.parse(stdout);
  const ms = expect.any(Number);
  const way = ["mongo", "dual-write", "shadow", "live", "shadow", "dual-write", "mongo"];
  const whole = [...way, "dual-write", "shadow", "live", "ramp-down", "postgres"];
  expect(report).toEqual({
    feed: "generated",
    documents: 200,
    acknowledged: expect.any(Number),
    lost: 0,
    differences: 0,
    callsFailed: expect.any(Number),
    killed: 1,
    switches: whole.slice(1).map((to, i) => ({ from: whole[i], to, ms })),
    postgres: expect.stringMatching(/^\d+\.\d+/),
    mongo: expect.stringMatching(/^\d+\.\d+/),
    seconds: expect.any(Number),
  });
  expect(Object.keys(report as object)).toEqual(
    "feed documents acknowledged lost differences callsFailed killed switches postgres mongo seconds".split(" "),
  );
  expect((report as { acknowledged: number }).acknowledged).toBeGreaterThan(100);
});

test("interrupted in the middle it ends with 130, and nothing that it started goes on", async () => {
  const child = start("--documents", "50");
  const started: number[] = [];
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith("services    service-1")) {
      started.push(...descendantsOf(child.pid ?? 0));
      child.kill("SIGINT");
    }
  expect(started.length).toBeGreaterThanOrEqual(4);
  if (child.exitCode === null) await once(child, "exit");
  expect(child.exitCode).toBe(130);
  await expect.poll(() => started.filter(isAlive), { timeout: 5_000 }).toEqual([]);
});

test("an error ends everything, is printed, and gives 1", async () => {
  const { code, stderr } = await run("--feed", "/no/such/feed.ndjson");
  expect(code).toBe(1);
  expect(stderr).toContain("/no/such/feed.ndjson");
});

/** Pairs of process and parent, as the system tells them. */
function descendantsOf(root: number): readonly number[] {
  const pairs = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child, ...below(child)] : []));
  return below(root);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
