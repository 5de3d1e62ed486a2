import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import { expect, onTestFinished, test } from "vitest";
import { moduleNames } from "../src/modules.ts";
import { stellaData, type Ended, type Environment } from "./cli.ts";

/** Empty databases: one of PostgreSQL for all modules, one of MongoDB for each. */
async function empty(): Promise<Environment> {
  const postgres = await postgresDatabase();
  onTestFinished(() => postgres.drop());
  const admin = { STELLA_POSTGRES_ADMIN_URL: postgres.url };
  expect(await stellaData(["migrate", "provision", "--module", "all"], admin)).toMatchObject({ code: 0 });
  const memberOf = moduleNames.map((name) => `${name}_app`);
  const app = await loginRole("all_cli_app", { memberOf });
  const replicator = await loginRole("all_cli_replicator", { memberOf: ["stella_replicator"], bypassRls: true });
  const environment: Record<string, string> = {
    ...admin,
    STELLA_POSTGRES_URL: roleUrl(postgres.url, app.name, app.password),
    STELLA_REPLICATOR_URL: roleUrl(postgres.url, replicator.name, replicator.password),
  };
  for (const name of moduleNames) {
    const mongo = await mongoDatabase();
    onTestFinished(() => mongo.drop());
    environment[`STELLA_${name.toUpperCase()}_MONGODB_URL`] = mongo.url;
  }
  return environment;
}

const ofModules = ({ json }: Ended) => json["modules"] as Readonly<Record<string, Readonly<Record<string, unknown>>>>;

test('every module crosses by commands that are given "all", and one that refuses keeps none of the others', async () => {
  const environment = await empty();
  const all = (...args: readonly string[]) => stellaData([...args, "--module", "all", "--json"], environment);

  expect(await all("migrate", "apply")).toMatchObject({ code: 0 });
  expect(await all("migrate", "verify")).toMatchObject({ code: 0 });
  expect(await all("stage", "init", "--stage", "mongo")).toMatchObject({ code: 0 });
  expect(await all("stage", "advance")).toMatchObject({ code: 0 });
  const refused = await all("stage", "advance");
  expect(refused.code).toBe(1);
  for (const name of moduleNames)
    expect(ofModules(refused)[name]).toMatchObject({ ok: false, error: { code: "STAGE_GUARD" } });

  const [first = "", ...others] = moduleNames;
  expect(await stellaData(["backfill", "run", "--module", first, "--json"], environment)).toMatchObject({ code: 0 });
  const some = await all("stage", "advance");
  expect(some.code).toBe(1);
  expect(ofModules(some)[first]).toMatchObject({ ok: true, to: "shadow" });
  for (const name of others) expect(ofModules(some)[name]).toMatchObject({ ok: false });

  expect(await all("backfill", "run")).toMatchObject({ code: 0 });
  expect(await all("backfill", "status")).toMatchObject({ code: 0 });
  expect(await all("stage", "advance", "--to", "shadow")).toMatchObject({ code: 0 });
  const compared = await all("compare", "run");
  expect(compared.code).toBe(0);
  expect(Object.keys(ofModules(compared))).toEqual(moduleNames);
  expect(await all("stage", "advance", "--min-shadow-reads", "0")).toMatchObject({ code: 0 });
  const shown = await all("stage", "show");
  for (const name of moduleNames) expect(ofModules(shown)[name]).toMatchObject({ ok: true });
  expect(await all("repair", "status")).toMatchObject({ code: 0 });
  expect(await all("stage", "back", "--min-shadow-reads", "0")).toMatchObject({ code: 0 });
  const history = await stellaData(["stage", "history", "--module", "all"], environment);
  for (const name of moduleNames) expect(history.stdout).toContain(`${name}:\n`);
});

test('what is of one module only is refused for "all" before anything is done', async () => {
  const servers = { STELLA_POSTGRES_URL: "postgres://localhost:1/x", STELLA_MONGODB_URL: "mongodb://localhost:1/x" };
  const refusal = async (...args: readonly string[]) =>
    (await stellaData([...args, "--module", "all", "--json"], servers)).json["error"];
  expect(await refusal("compare", "run", "--receipt", "r.json")).toMatchObject({ code: "RECEIPT_ONE" });
  for (const args of [["stage", "abandon"], ["decommission"], ["adopt"]])
    expect(await refusal(...args)).toMatchObject({
      code: "MODULE_UNKNOWN",
      message: expect.stringContaining("takes one"),
    });
});

test("modules that would share a MongoDB database are refused by name", async () => {
  const environment = await empty();
  const [one = "", other = ""] = moduleNames;
  const shared = environment[`STELLA_${one.toUpperCase()}_MONGODB_URL`] ?? "";
  const ended = await stellaData(["migrate", "apply", "--module", "all", "--json"], {
    ...environment,
    [`STELLA_${other.toUpperCase()}_MONGODB_URL`]: shared,
  });
  expect(ended).toMatchObject({ code: 2, json: { error: { code: "CONFIG_DATABASE_SHARED" } } });
  const init = (module: string) =>
    stellaData(["stage", "init", "--module", module, "--stage", "mongo", "--json"], {
      ...environment,
      STELLA_MONGODB_URL: shared,
      [`STELLA_${other.toUpperCase()}_MONGODB_URL`]: shared,
    });
  expect(await stellaData(["migrate", "apply", "--module", "all"], environment)).toMatchObject({ code: 0 });
  expect(await init(one)).toMatchObject({ code: 0 });
  expect(await init(other)).toMatchObject({ code: 1, json: { error: { code: "STAGE_FOREIGN" } } });
});
