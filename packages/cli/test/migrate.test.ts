import { withMongo, withPostgres } from "@stellaops/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stellaData } from "./cli.ts";
import { contents } from "./contents.ts";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig({ installed: false });
});
afterAll(() => at[Symbol.asyncDispose]());

const onVuln = ["--module", "vuln"] as const;

test("help teaches: examples, exit codes, settings", async () => {
  const [root, stage] = await Promise.all([stellaData(["--help"]), stellaData(["stage", "--help"])]);
  expect(root).toMatchObject({ code: 0, stderr: "" });
  for (const word of ["stage advance", "130", "STELLA_REPLICATOR_URL", "persistence.yaml"])
    expect(root.stdout).toContain(word);
  expect(stage.stdout).toContain("--dry-run");
});

test("a dry run of provision prints the script without passwords, and needs no server", async () => {
  const ended = await stellaData(["migrate", "provision", ...onVuln, "--dry-run"], {
    STELLA_POSTGRES_ADMIN_URL: "postgres://admin@127.0.0.1:1/none",
    STELLA_VULN_APP_PASSWORD: "hunter22-hunter22",
  });
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stdout).toContain("create role");
  expect(ended.stdout).toContain("vuln_app would get a password");
  expect(ended.stdout).not.toMatch(/hunter22|SCRAM/);
});

test("a stage before there are tables for it names what makes them", async () => {
  const ended = await at.run("stage", "init", ...onVuln, "--stage", "mongo", "--json");
  expect(ended).toMatchObject({
    code: 1,
    json: { error: { code: "MIGRATIONS_NOT_CLEAN", message: expect.stringContaining("migrate apply") } },
  });
});

test("plan and dry runs change nothing; apply applies once; verify and status agree", async () => {
  const before = await contents(at);
  const plan = await at.run("migrate", "plan", ...onVuln, "--json");
  expect(plan).toMatchObject({
    code: 0,
    json: { ok: true, postgres: [{ set: "cutover" }, { set: "vuln", applied: 0 }] },
  });
  expect((await at.run("migrate", "apply", ...onVuln, "--dry-run", "--json")).json).toMatchObject({
    dryRun: true,
    postgres: [{}, { applied: ["001_tables.sql", "002_search.sql"] }],
  });
  expect(await contents(at)).toEqual(before);

  expect(await at.run("migrate", "apply", ...onVuln, "--json")).toMatchObject({ code: 0, json: { ok: true } });
  const applied = await contents(at);
  expect((await at.run("migrate", "apply", ...onVuln)).stdout).toContain("postgres vuln: 0 applied");
  expect(await contents(at)).toEqual(applied);
  await withMongo(at.mongo.url, (client) =>
    client.db(at.mongo.name).collection("advisories").dropIndex("pk_advisories"),
  );
  expect(await at.run("migrate", "verify", ...onVuln)).toMatchObject({ code: 1 });
  expect((await at.run("migrate", "apply", ...onVuln)).stdout).toContain("advisories.pk_advisories");
  expect(await at.run("migrate", "verify", ...onVuln)).toMatchObject({ code: 0 });
  expect((await at.run("migrate", "status", ...onVuln)).stdout).toMatch(/vuln +001_tables\.sql +startup +applied/);
});

test("an edited migration is refused by its name, and accepted after a review", async () => {
  await withPostgres(at.postgres.url, (client) =>
    client.query("update vuln.schema_migrations set checksum = repeat('0', 64) where migration_name like '001%'"),
  );
  const [plan, refused] = [
    await at.run("migrate", "plan", ...onVuln, "--json"),
    await at.run("migrate", "apply", ...onVuln, "--json"),
  ];
  expect(plan).toMatchObject({ code: 1, json: { ok: false } });
  expect(refused).toMatchObject({ code: 1, json: { error: { code: "MIGRATION_EDITED" } } });
  const name = "001_tables.sql";
  const looked = await at.run("migrate", "repair", ...onVuln, "--accept", name, "--dry-run", "--json");
  expect(looked.json).toMatchObject({ ok: true, dryRun: true, actions: [{ kind: "accept", name }] });
  expect(await at.run("migrate", "verify", ...onVuln)).toMatchObject({ code: 1 });
  expect(await at.run("migrate", "repair", ...onVuln, "--accept", name)).toMatchObject({ code: 0 });
  expect(await at.run("migrate", "verify", ...onVuln)).toMatchObject({ code: 0 });
});

test("the module's migrations pass their lint", async () => {
  expect(await stellaData(["migrate", "lint", ...onVuln])).toMatchObject({ code: 0 });
});
