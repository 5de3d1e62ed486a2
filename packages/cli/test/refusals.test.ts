import { withMongo, withPostgres } from "@stellaops/testkit";
import { generateOsv } from "@stellaops/vuln";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stellaData, type Ended, type Environment } from "./cli.ts";
import { contents } from "./contents.ts";
import { rig, type Rig } from "./rig.ts";
import { standalone } from "./standalone.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig({ installed: true });
});
afterAll(() => at[Symbol.asyncDispose]());

const onVuln = ["--module", "vuln"] as const;
const nowhere = {
  postgres: "postgres://app:hunter22@127.0.0.1:1/none",
  mongo: "mongodb://u:hunter22@127.0.0.1:1/none",
};

const withEnvironment = (more: Environment, ...args: readonly string[]): Promise<Ended> =>
  stellaData([...args, "--json", "--connect-timeout", "1"], { ...at.environment, ...more }, at.folder);

/** How a command that was refused ended. No error comes with a stack, and none with a secret. */
const told = ({ code, json, stderr, stdout }: Ended) => ({
  code,
  error: json.error?.code,
  message: json.error?.message,
  onStderr: json.error !== undefined && stderr.includes(json.error.code),
  stack: /^\s+at .*:\d+:\d+\)?$/m.test(stderr),
  secret: (stdout + stderr).includes("hunter22"),
});
const refusal = (code: number, error: string, fix: string) => ({
  code,
  error,
  message: expect.stringContaining(fix),
  onStderr: true,
  stack: false,
  secret: false,
});

interface DoctorResult {
  readonly modules: readonly {
    readonly checks: readonly { readonly name: string; readonly state: string; readonly code: string | null }[];
  }[];
}
const problemsOf = ({ json }: Ended): readonly (string | null)[] =>
  (json as unknown as DoctorResult).modules.flatMap(({ checks }) =>
    checks.filter(({ state }) => state === "problem").map(({ code }) => code),
  );

test("usage and configuration: 2", async () => {
  const [group, option, module, stage, begin, file] = await Promise.all([
    at.run("stage", "--json"),
    at.run("migrate", "plan", "--json"),
    at.run("stage", "show", "--module", "nope", "--json"),
    at.run("stage", "advance", ...onVuln, "--to", "half-way", "--json"),
    at.run("stage", "init", ...onVuln, "--stage", "shadow", "--json"),
    at.run("doctor", "--config", "missing.yaml", "--json"),
  ]);
  expect(told(group)).toEqual(refusal(2, "USAGE", "--help"));
  expect(told(option)).toEqual(refusal(2, "USAGE", "--module"));
  expect(told(module)).toEqual(refusal(2, "MODULE_UNKNOWN", "vuln"));
  expect(told(stage)).toEqual(refusal(2, "STAGE_WORD", "dual-write, shadow"));
  expect(told(begin)).toEqual(refusal(2, "STAGE_WORD", '"mongo" or at "postgres"'));
  expect(told(file)).toEqual(refusal(2, "CONFIG_NOT_FOUND", "--config"));
});

test("input that would be taken for something else: 2, before any server is reached", async () => {
  const { folder } = at;
  const nobody = { STELLA_MONGODB_URL: nowhere.mongo, STELLA_REPLICATOR_URL: nowhere.postgres };
  const [tenant, shown, workers, copied, kind, aggregate, url] = await Promise.all([
    withEnvironment(nobody, "compare", "run", ...onVuln, "--tenant", "not a tenant!!"),
    withEnvironment(nobody, "compare", "show", ...onVuln, "--tenant", "not a tenant!!"),
    withEnvironment(nobody, "compare", "run", ...onVuln, "--workers", "0"),
    withEnvironment(nobody, "backfill", "run", ...onVuln, "--workers", "0"),
    withEnvironment(nobody, "compare", "show", ...onVuln, "--class", "bogus"),
    withEnvironment(nobody, "compare", "show", ...onVuln, "--aggregate", "bogus"),
    withEnvironment({ STELLA_MONGODB_URL: "mongodb://u:hunter22@h:port/x" }, "stage", "show", ...onVuln),
  ]);
  expect(told(tenant)).toEqual(refusal(2, "TENANT_INVALID", "1 to 63"));
  expect(told(shown)).toEqual(refusal(2, "TENANT_INVALID", "1 to 63"));
  expect(told(workers)).toEqual(refusal(2, "USAGE", "above 0"));
  expect(told(copied)).toEqual(refusal(2, "USAGE", "above 0"));
  expect(told(kind)).toEqual(refusal(2, "USAGE", "missing, extra, stale"));
  expect(told(aggregate)).toEqual(refusal(2, "AGGREGATE_UNKNOWN", "advisories"));
  expect(told(url)).toEqual(refusal(2, "CONFIG_URL", "--mongodb-url"));

  // Where files are to be read and written is looked at first as well.
  const none = join(folder, "none", "file");
  const [receipt, out, report, dry, from, taken] = await Promise.all([
    withEnvironment(nobody, "compare", "run", ...onVuln, "--receipt", none),
    withEnvironment(nobody, "decommission", ...onVuln, "--out", none),
    withEnvironment(nobody, "adopt", ...onVuln, "--report", none),
    withEnvironment(nobody, "adopt", ...onVuln, "--dry-run", "--report", none),
    withEnvironment(nobody, "restore", ...onVuln, "--from", none),
    withEnvironment(nobody, "compare", "run", ...onVuln, "--receipt", folder),
  ]);
  for (const ended of [receipt, out, report, dry]) expect(told(ended)).toEqual(refusal(2, "FILE_UNWRITABLE", none));
  expect(told(from)).toEqual(refusal(2, "FILE_UNREADABLE", none));
  expect(told(taken)).toEqual(refusal(2, "FILE_UNWRITABLE", folder));
});

test("a configuration file is read from the folder, with its references, and its mistakes are told", async () => {
  const good = "postgres: { replicatorUrl: '${REPLICATOR}' }\nmongodb: { url: '${MONGO}' }\n";
  await writeFile(join(at.folder, "persistence.yaml"), good);
  const references = {
    REPLICATOR: at.environment["STELLA_REPLICATOR_URL"] ?? "",
    MONGO: at.environment["STELLA_MONGODB_URL"] ?? "",
  };
  const read = await stellaData(["stage", "show", ...onVuln, "--json"], references, at.folder);
  await rm(join(at.folder, "persistence.yaml"));
  expect(told(read)).toEqual(refusal(1, "STAGE_NONE", "stage init"));
  const path = join(at.folder, "bad.yaml");
  await writeFile(path, "mongodb: { uri: mongodb://u:hunter22@h }\n");
  expect(told(await at.run("stage", "show", ...onVuln, "--config", path, "--json"))).toEqual(
    refusal(2, "CONFIG_INVALID", "mongodb"),
  );
});

test("a server that does not answer: 3", async () => {
  const [postgres, mongo, both] = await Promise.all([
    withEnvironment({ STELLA_POSTGRES_ADMIN_URL: nowhere.postgres }, "migrate", "plan", ...onVuln),
    withEnvironment({ STELLA_MONGODB_URL: nowhere.mongo }, "migrate", "verify", ...onVuln, "--backend", "mongo"),
    withEnvironment(
      { STELLA_MONGODB_URL: nowhere.mongo, STELLA_REPLICATOR_URL: nowhere.postgres },
      "stage",
      "show",
      ...onVuln,
    ),
  ]);
  expect(told(postgres)).toEqual(refusal(3, "CONNECTION_LOST", "PostgreSQL"));
  expect(told(mongo)).toEqual(refusal(3, "CONNECTION_LOST", "MongoDB"));
  expect(told(both)).toEqual(refusal(3, "STAGE_UNKNOWN", "mend that and try again"));
});

test("a standalone MongoDB is refused", async () => {
  const server = await standalone(at.mongo.url);
  try {
    const ended = await withEnvironment(
      { STELLA_MONGODB_URL: server.url },
      "migrate",
      "apply",
      ...onVuln,
      "--backend",
      "mongo",
    );
    expect(told(ended)).toEqual(refusal(1, "MONGO_STANDALONE", "--replSet"));
  } finally {
    await server.stop();
  }
});

test("a tenant that is missing or reserved, a feed that is not there: 2, and nothing is written", async () => {
  const feed = await at.feed("one.ndjson", generateOsv({ count: 1 }));
  const fixed = { STELLA_VULN_STAGE: "postgres" };
  const before = await contents(at);
  const [missing, reserved, gone, word] = await Promise.all([
    withEnvironment(fixed, "vuln", "import", "--feed", feed, "--tenant", ""),
    withEnvironment(fixed, "vuln", "import", "--feed", feed, "--tenant", "@global"),
    withEnvironment(fixed, "vuln", "import", "--feed", "gone.ndjson", "--tenant", "acme"),
    withEnvironment({ STELLA_VULN_STAGE: "live" }, "vuln", "import", "--feed", feed),
  ]);
  expect(told(missing)).toEqual(refusal(2, "TENANT_MISSING", "name the tenant"));
  expect(told(reserved)).toEqual(refusal(2, "TENANT_RESERVED", "reserved"));
  expect(told(gone)).toEqual(refusal(2, "FEED_NOT_FOUND", "give a file"));
  expect(told(word)).toEqual(refusal(1, "STAGE_WORD", '"record"'));
  expect(await contents(at)).toEqual(before);
});

test("a line that cannot be read is refused with its place, and the rest is imported: 1", async () => {
  const feed = await at.feed("broken.ndjson", generateOsv({ count: 3 }));
  await appendFile(feed, '{"id": \n{"id":"X-1","modified":"yesterday"}\n');
  const ended = await withEnvironment(
    { STELLA_VULN_STAGE: "postgres" },
    "vuln",
    "import",
    "--feed",
    feed,
    "--tenant",
    "broken",
  );
  expect(ended).toMatchObject({ code: 1, json: { ok: false, read: 5, inserted: 3, refused: 2 } });
  expect(ended.json["refusals"]).toMatchObject([
    { line: 4, code: "FEED_LINE_UNREADABLE" },
    { line: 5, recordId: "X-1" },
  ]);
  expect(ended.stderr).toContain("broken.ndjson:4: FEED_LINE_UNREADABLE");
});

test("doctor tells what is well, and of the rest what mends it", async () => {
  const well = await withEnvironment({ STELLA_VULN_STAGE: "mongo" }, "doctor");
  expect(well).toMatchObject({ code: 0, json: { ok: true, problems: 0 } });

  await withPostgres(at.postgres.url, (client) =>
    client
      .query("drop policy advisories_select on vuln.advisories")
      .catch(() => client.query("alter table vuln.advisories no force row level security")),
  );
  await withPostgres(at.postgres.url, (client) =>
    client.query("delete from vuln.schema_migrations where migration_name like '002%'"),
  );
  await withMongo(at.mongo.url, (client) => client.db().collection("advisories").dropIndex("pk_advisories"));
  const ill = await withEnvironment({}, "doctor", ...onVuln);
  expect(ill.code).toBe(1);
  expect(problemsOf(ill)).toEqual(["POLICY_MISSING", "MIGRATIONS_NOT_CLEAN", "MONGO_SCHEMA_DIFFERS", "STAGE_NONE"]);

  const wrong = {
    STELLA_POSTGRES_URL: at.postgres.url,
    STELLA_REPLICATOR_URL: at.environment["STELLA_POSTGRES_URL"] ?? "",
    STELLA_MONGODB_URL: nowhere.mongo,
  };
  const unreachable = await withEnvironment(wrong, "doctor", ...onVuln);
  expect(unreachable.code).toBe(3);
  expect(problemsOf(unreachable)).toEqual([
    "ROLE_SUPERUSER",
    "MIGRATIONS_NOT_CLEAN",
    "REPLICATOR_ROLE",
    "CONNECTION_LOST",
    "STAGE_UNKNOWN",
  ]);
  expect(unreachable.stdout).not.toContain("hunter22");
});

test("what is not as declared is found, and keeps the guard of dual-write shut", async () => {
  const verified = await withEnvironment({}, "migrate", "verify", ...onVuln);
  expect(verified).toMatchObject({ code: 1, json: { ok: false, mongo: [{ clean: true }, { clean: false }] } });
  expect(await withEnvironment({}, "stage", "init", ...onVuln, "--stage", "mongo")).toMatchObject({ code: 0 });
  const again = await withEnvironment({}, "stage", "init", ...onVuln, "--stage", "mongo");
  expect(told(again)).toEqual(refusal(1, "STAGE_EXISTS", "change the stage from where it is"));
  const before = await contents(at);
  const dry = await withEnvironment({}, "stage", "advance", ...onVuln, "--dry-run");
  expect(dry).toMatchObject({
    code: 1,
    json: { ok: false, dryRun: true, evidence: { passed: false, checks: [{ name: "migrations" }] } },
  });
  expect(told(await withEnvironment({}, "stage", "advance", ...onVuln))).toEqual(refusal(1, "STAGE_GUARD", "migrate"));
  expect(told(await withEnvironment({}, "stage", "advance", ...onVuln, "--to", "live"))).toEqual(
    refusal(1, "STAGE_STEP", "dual-write"),
  );
  expect(told(await withEnvironment({}, "stage", "back", ...onVuln))).toEqual(refusal(1, "STAGE_END", "first stage"));
  expect(told(await withEnvironment({}, "backfill", "run", ...onVuln))).toEqual(
    refusal(1, "BACKFILL_NOT_REPLICATING", "advance"),
  );
  expect(await contents(at)).toEqual(before);
});
