import { withPostgres } from "@stellaops/testkit";
import { postgresRig, type PostgresRig } from "@stellaops/testkit/module";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { wiring, type PolicyRepositories } from "../src/index.ts";
import { noon, packVersion } from "./samples.ts";

const refused = "ST004";
const notGranted = "42501";

/** What a service could send by hand; `$1` is the version, `$2` a draft of the same tenant. */
const attempts: readonly (readonly [string, string])[] = [
  ["another source", "update policy.pack_versions set source = 'tampered', revision = revision + 1 where id = $1"],
  ["a draft again", "update policy.pack_versions set status = 'draft' where id = $1"],
  ["another hash", "update policy.pack_versions set content_hash = repeat('0', 64) where id = $1"],
  ["another id", "update policy.pack_versions set id = gen_random_uuid() where id = $1"],
  ["another tenant", "update policy.pack_versions set tenant_id = 'umbrella' where id = $1"],
  ["nothing at all", "update policy.pack_versions set source = source where id = $1"],
  ["no version", "delete from policy.pack_versions where id = $1"],
  ["another rule", "update policy.rules set body = '{}' where pack_version_id = $1"],
  ["one rule less", "delete from policy.rules where pack_version_id = $1 and rule_key = 'warn-high'"],
  [
    "a rule given away",
    "update policy.rules set pack_version_id = $2, rule_key = 'moved' where pack_version_id = $1 and rule_key = 'warn-high'",
  ],
  [
    "a rule taken in",
    "update policy.rules set pack_version_id = $1, rule_key = 'moved' where pack_version_id = $2 and rule_key = 'warn-high'",
  ],
  [
    "one rule more",
    "insert into policy.rules (tenant_id, pack_version_id, rule_key, ordinal, severity, body) values ('acme', $1, 'more', 9, 'low', '{}')",
  ],
  [
    "the same by an upsert",
    `insert into policy.rules (tenant_id, pack_version_id, rule_key, ordinal, severity, body) values ('acme', $1, 'warn-high', 9, 'low', '{}')
     on conflict (tenant_id, pack_version_id, rule_key) do update set body = excluded.body`,
  ],
];

/** As above, in a statement that names another tenant as it goes, so that policies judge later rows otherwise than the first. */
const elsewhere = "set_config('app.tenant_id', 'other', false) is not null";
const turning: readonly (readonly [string, string])[] = [
  ["no rules", `delete from policy.rules where pack_version_id = $1 and ${elsewhere}`],
  ["other rules", `update policy.rules set body = '{}' where pack_version_id in ($1, $2) and ${elsewhere}`],
  [
    "a rule more",
    `insert into policy.rules (tenant_id, pack_version_id, rule_key, ordinal, severity, body)
     select 'acme', id, 'more', 9, 'low', '{}' from policy.pack_versions where id in ($1, $2) and ${elsewhere}`,
  ],
];

describe("a published version, against SQL by hand under the application's role", () => {
  let rig: PostgresRig<PolicyRepositories>;
  beforeAll(async () => void (rig = await postgresRig(wiring)));
  afterEach(() => rig.reset());
  afterAll(() => rig.close());

  /** SQLSTATE of the refusal, or how many rows were touched; stored either way, if it may. */
  const tried = (text: string, values: readonly unknown[]): Promise<string | number> =>
    withPostgres(rig.appUrl, async (client) => {
      await client.query("select set_config('app.tenant_id', 'acme', false)");
      const used = values.filter((_, i) => text.includes(`$${i + 1}`));
      return client.query(text, [...used]).then(
        ({ rowCount }) => rowCount ?? 0,
        (error: { readonly code?: string }) => error.code ?? "no code",
      );
    });
  const stored = async (publish: boolean) => {
    const { packVersions } = rig.at("acme");
    const [one, draft] = [packVersion(), packVersion()];
    for (const each of [one, draft]) await packVersions.put(each, 0n);
    if (publish) await packVersions.publish({ id: one.id, by: "ada", at: noon });
    return [one.id, draft.id] as const;
  };

  it.each(attempts)("refuses %s, and keeps what is there", async (_, text) => {
    const ids = await stored(true);
    const before = await rig.at("acme").packVersions.get(ids[0]);
    expect(await tried(text, ids)).toBe(refused);
    expect(await rig.at("acme").packVersions.get(ids[0])).toEqual(before);
  });

  it.each(attempts.filter(([what]) => what !== "another id" && what !== "another tenant"))(
    "of a draft it takes %s",
    async (_, text) => {
      expect(await tried(text, await stored(false))).toBeGreaterThan(0);
    },
  );

  it.each(turning)("refuses %s of a statement that turns to another tenant", async (_, text) => {
    const ids = await stored(true);
    const before = await rig.at("acme").packVersions.get(ids[0]);
    expect(await tried(text, ids)).toEqual(expect.stringMatching(/^(ST004|42501|23503)$/));
    expect(await rig.at("acme").packVersions.get(ids[0])).toEqual(before);
  });

  it("refuses them whatever the session has put in front of the server's own types", async () => {
    const [id] = await stored(true);
    const code = withPostgres(rig.appUrl, async (client) => {
      await client.query(`create domain pg_temp.uuid as pg_catalog.uuid check (${elsewhere})`);
      await client.query("select set_config('app.tenant_id', 'acme', false)");
      await client.query("delete from policy.rules where pack_version_id = $1", [id]);
    });
    await expect(code).rejects.toMatchObject({ code: refused });
  });

  it("has no way around its triggers", async () => {
    for (const text of [
      "truncate policy.pack_versions cascade",
      "truncate policy.rules",
      "alter table policy.pack_versions disable trigger all",
      "drop trigger pack_versions_frozen on policy.pack_versions",
      "create or replace function policy_app.refuse_frozen() returns trigger language plpgsql as 'begin return new; end'",
      "set session_replication_role = replica",
      "set role policy_owner",
      "set role stella_replicator",
    ])
      expect([text, await tried(text, [])]).toEqual([text, notGranted]);
  });

  it("refuses the same to a unit of work, in the module's own words", async () => {
    const [id] = await stored(true);
    const unit = rig.at("acme").transaction(({ packVersions }) => packVersions.retire({ id, at: noon }));
    await expect(unit).rejects.toMatchObject({ code: "IMMUTABLE", family: "conflict" });
  });
});
