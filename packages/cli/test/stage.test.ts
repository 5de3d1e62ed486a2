import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  backfill,
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresShadow,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
} from "@stellaops/cutover";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { openVuln, vuln, type Vuln } from "@stellaops/vuln";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, start } from "./cli.ts";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
let postgres: Postgres;
let mongo: Mongo;
let service: Vuln;
beforeAll(async () => {
  at = await rig({ installed: true });
  postgres = openPostgres({ url: at.environment["STELLA_POSTGRES_URL"] ?? "", max: 4 });
  mongo = openMongo({ url: at.mongo.url });
  await stella(0, "init", "--stage", "mongo");
  service = await openVuln({ postgres, mongo, stage: "record", instance: "service-1" });
}, 60_000);
afterAll(async () => {
  await service.close();
  await Promise.all([postgres.close(), mongo.close()]);
  await at[Symbol.asyncDispose]();
});

const onVuln = ["--module", "vuln"] as const;
const away = {
  mongo: ["--mongodb-url", "mongodb://127.0.0.1:9/none?serverSelectionTimeoutMS=300"],
  postgres: ["--replicator-url", "postgres://nobody@127.0.0.1:9/none"],
} as const;

/** Runs a command of `stage`, expects the exit code, and gives its end. */
async function stella(code: number, command: string, ...args: readonly string[]) {
  const found = await at.run("stage", command, ...onVuln, "--json", ...args);
  expect({ code: found.code, error: found.json.error, args }).toEqual({
    code,
    error: code === 0 ? undefined : found.json.error,
    args,
  });
  return found;
}
const sides = () => ({ postgres: postgresSide(postgres.pool, "vuln"), mongo: mongoSide(mongo.db, "vuln") });
const view = async () => {
  const { situation } = await showStage(sides());
  if ("at" in situation) return viewOf(situation.at);
  throw new Error(`no stage: ${situation.kind}`);
};
const stage = async () => (await view()).stage;

async function fill(): Promise<void> {
  const copier = openPostgres({ url: at.environment["STELLA_REPLICATOR_URL"] ?? "", max: 4 });
  const replicas = { postgres: postgresReplica(copier.pool, vuln), mongo: mongoReplica(mongo, vuln) };
  await backfill({ module: vuln, replicas, sides: sides(), progress: progressOf(copier.pool, "vuln"), view });
  await copier.close();
}
/** Until it has told this on stderr. */
const said = (child: ChildProcess, words: string): Promise<void> =>
  new Promise((resolve) =>
    child.stderr?.on("data", (chunk) => (String(chunk).includes(words) ? resolve() : undefined)),
  );
/** A machine that is busy may take its time over so many processes. */
const unhurried = { timeout: 180_000 };

test("show names the instances, and says by its exit code that a database cannot be reached", unhurried, async () => {
  await stella(0, "advance");
  await fill();
  await stella(0, "advance");
  const { json } = await stella(0, "show");
  expect(json).toMatchObject({
    situation: "settled",
    primary: "mongo",
    unreachable: [],
    instances: [{ instance: "service-1", pid: process.pid, acknowledged: true, silent: false, database: "mongo" }],
    replication: { pending: 0, parked: 0, oldestMs: null },
  });
  const half = await stella(3, "show", ...away.postgres);
  expect(half.json).toMatchObject({ primary: "mongo", answering: ["mongo"], unreachable: ["postgres"] });
  const told = await at.run("stage", "show", ...onVuln, ...away.postgres);
  expect(told).toMatchObject({
    code: 3,
    stdout: expect.stringContaining("postgres CANNOT BE REACHED: CONNECTION_LOST"),
  });
  expect(told.stdout).toMatch(/service-1 .*acknowledged/);
  const mistyped = Object.assign(new URL(at.environment["STELLA_REPLICATOR_URL"] ?? ""), { username: "nobody" });
  const unread = await at.run("stage", "show", ...onVuln, "--replicator-url", mistyped.href);
  expect(unread).toMatchObject({ code: 3, stdout: expect.stringContaining("postgres CANNOT BE READ: LOGIN_REFUSED") });
  expect(await stella(3, "show", ...away.mongo)).toMatchObject({ json: { error: { code: "STAGE_UNKNOWN" } } });
});

test("show --watch goes on until it is told to end: a line a view, or an object a line", unhurried, async () => {
  const lines = await at.run("stage", "show", "--watch", "--times", "2", ...onVuln);
  expect(lines).toMatchObject({ code: 0 });
  expect(lines.stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/"shadow" settled, epoch 3, pending 0, parked 0, instances 1$/),
    expect.stringMatching(/"shadow" settled/),
    "watched vuln: 2 views",
  ]);
  const child = start(["stage", "show", "--watch", ...onVuln, "--json"], at.environment, at.folder);
  const end = ended(child);
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill("SIGINT");
  const { code, stdout } = await end;
  const objects = stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(code).toBe(0);
  expect(objects[0]).toMatchObject({ module: "vuln", situation: "settled", at: { stage: "shadow" } });
  expect(objects.at(-1)).toMatchObject({ ok: true, views: objects.length - 1 });
});

test(
  "a move that waits names who is missing; one that is stated to be gone is passed over, and kept in the evidence",
  unhurried,
  async () => {
    expect(await stella(2, "advance", "--gone", "nobody")).toMatchObject({
      json: { error: { code: "INSTANCE_UNKNOWN" } },
    });
    const { leases } = mongoSide(mongo.db, "vuln");
    await leases.grant({ instance: "silent", epoch: 3n, milliseconds: 600_000 });
    const child = start(
      ["stage", "advance", "--to", "live", "--min-shadow-reads", "0", ...onVuln, "--json"],
      at.environment,
      at.folder,
    );
    const waiting = ended(child);
    await said(child, "waiting for");
    child.kill("SIGINT");
    expect((await waiting).code).toBe(130);
    const given = ["--gone", "silent", "--by", "an operator", "--reason", "its machine burnt"];
    const { json, stderr } = await stella(0, "recover", ...given);
    expect(json).toMatchObject({ stage: "live", primary: "postgres" });
    expect(stderr).toContain("silent is stated to be gone: it never gave a sign, its lease runs out in");
    const { stdout } = await at.run("stage", "history", ...onVuln);
    expect(stdout).toMatch(/stated to be gone by an operator \(its machine burnt\): silent, \d+ ms before its lease/);
    expect(stdout).toMatch(/passed {2}comparison: .* 0 findings/);
  },
);

test(
  "a rehearsal tells what each step cost and ends where it began, also when it is interrupted",
  unhurried,
  async () => {
    const { json } = await stella(0, "rehearse", "--with-primary", "--min-shadow-reads", "0");
    const step = { switchMs: expect.any(Number), acknowledgedMs: expect.any(Number), missing: [] };
    expect(json).toMatchObject({
      stage: "live",
      steps: [
        { from: "live", to: "ramp-down", drained: null, ...step },
        { from: "ramp-down", to: "live", drained: null, ...step },
        { from: "live", to: "shadow", drained: expect.any(Number), ...step },
        { from: "shadow", to: "live", drained: expect.any(Number), ...step },
      ],
    });
    expect(await stage()).toBe("live");
    const child = start(
      ["stage", "rehearse", "--with-primary", "--min-shadow-reads", "0", ...onVuln, "--json"],
      at.environment,
      at.folder,
    );
    const stopped = ended(child);
    await said(child, 'to "shadow"');
    child.kill("SIGINT");
    expect((await stopped).code).toBe(130);
    expect(await stage()).toBe("live");
  },
);

test(
  "a rehearsal that moves the primary counts the reads of the stay it began in; refused, it says what it did and where it is",
  unhurried,
  async () => {
    const refused = await stella(1, "rehearse", "--with-primary");
    expect(refused.json).toMatchObject({ error: { code: "STAGE_GUARD" } });
    expect(refused.stderr).toMatch(/from +to +guard ms[^]*live +ramp-down[^]*vuln is at "live" again/);
    const counts = { sampled: 20, agreed: 20, lagged: 0, differed: 0, failed: 0 };
    const { epoch } = await view();
    await postgresShadow(postgres.pool, "vuln").tell(epoch, "reader", counts);
    const { json } = await stella(0, "rehearse", "--with-primary");
    expect(json).toMatchObject({ stage: "live", steps: [{}, {}, { to: "shadow" }, { to: "live" }] });
    // A step by itself counts from its own stay.
    expect(await stella(1, "back", "--dry-run")).toMatchObject({ json: { evidence: { passed: false } } });
  },
);

test("with the secondary dead, abandon ends replication once it is confirmed", unhurried, async () => {
  const dry = await stella(0, "abandon", "--dry-run", ...away.mongo);
  expect(dry.json).toMatchObject({ dryRun: true, from: "live", primary: "postgres" });
  expect(await stella(1, "abandon", ...away.mongo)).toMatchObject({ json: { error: { code: "STAGE_GUARD" } } });
  expect(await stage()).toBe("ramp-down");
  expect((await stella(0, "abandon", "--yes", ...away.mongo)).json).toMatchObject({
    stage: "postgres",
    secondary: null,
  });
  expect(await stella(1, "rehearse")).toMatchObject({ json: { error: { code: "REHEARSAL_NONE" } } });
});

test("force says what it assumes, asks, and retires what comes back", unhurried, async () => {
  expect(await stella(1, "recover", "--force", "--yes")).toMatchObject({ json: { error: { code: "STAGE_NOT_LOST" } } });
  const mistyped = new URL(at.environment["STELLA_REPLICATOR_URL"] ?? "");
  Object.assign(mistyped, { username: "nobody", password: "mistyped" });
  const refused = await stella(1, "recover", "--force", "--yes", "--replicator-url", mistyped.href);
  expect(refused.json).toMatchObject({
    error: { code: "STAGE_NOT_LOST", message: expect.stringMatching(/postgres: LOGIN_REFUSED .*give the user/) },
  });
  const unread = await at.run("stage", "show", ...onVuln, "--replicator-url", mistyped.href);
  expect(unread).toMatchObject({ code: 3, stderr: expect.stringMatching(/STAGE_UNKNOWN.*postgres: LOGIN_REFUSED/) });
  const dry = await stella(0, "recover", "--force", "--dry-run", ...away.postgres);
  expect(dry.json).toMatchObject({ lost: "postgres", survivor: "mongo", epoch: "1000000" });
  expect(dry.stderr).toContain("assumed: postgres is lost for good, and for everybody");
  expect(await stella(1, "recover", "--force", ...away.postgres)).toMatchObject({
    json: { error: { code: "STAGE_FORCE" } },
  });
  const forced = await stella(0, "recover", "--force", "--yes", "--reason", "its disk is gone", ...away.postgres);
  expect(forced.json).toMatchObject({ stage: "mongo", primary: "mongo", epoch: "1000000" });
  expect((await at.run("stage", "show", ...onVuln)).stdout).toContain("was given up as lost and is back");
  expect((await stella(0, "recover")).json).toMatchObject({
    stage: "mongo",
    found: { older: { database: "postgres" } },
  });
  expect((await stella(0, "show")).json).toMatchObject({ older: null, primary: "mongo" });
  expect((await at.run("stage", "history", ...onVuln)).stdout).toMatch(/forced: .*"lost":"postgres"/);
});
