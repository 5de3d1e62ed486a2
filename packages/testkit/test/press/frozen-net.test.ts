import { postgresRig, type PostgresRig } from "@stellaops/testkit/module";
import { inTurn, outcomeOf, withPostgres } from "@stellaops/testkit";
import { openPostgres, singleUnit } from "@stellaops/postgres";
import { tenantId } from "@stellaops/kernel";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { repositories } from "./postgres.ts";
import type { PressRepositories } from "./repositories.ts";
import { paper } from "./samples.ts";
import { press } from "./wiring.ts";

let rig: PostgresRig<PressRepositories>;
beforeAll(async () => void (rig = await postgresRig(press)));
beforeEach(() => rig.reset());
afterAll(() => rig.close());

/** By hand, as whoever has the password of a service. */
async function by(url: string, ...statements: readonly string[]): Promise<string | number | null> {
  return withPostgres(url, async (client) => {
    await client.query("select set_config('app.tenant_id', 'acme', false)");
    try {
      const results = await inTurn(statements, (text) => client.query(text));
      return results.at(-1)?.rowCount ?? null;
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error.code ?? "";
      throw error;
    }
  });
}
const byHand = (...statements: readonly string[]) => by(rig.appUrl, ...statements);
const stored = async (status: "draft" | "published") => {
  const one = paper({ status });
  await rig.at("acme").papers.put(one, 0n);
  return one.id;
};
const line = (id: string, name = "more") =>
  `insert into press.paper_lines (tenant_id, paper_id, name, body) values ('acme', '${id}', '${name}', 'x')`;

describe("under the role of a service PostgreSQL itself refuses", () => {
  it("to change or delete a frozen row, whatever of it", async () => {
    const id = await stored("published");
    expect(await byHand(`update press.papers set topic = 'x' where id = '${id}'`)).toBe("ST004");
    expect(await byHand(`update press.papers set status = 'draft' where id = '${id}'`)).toBe("ST004");
    expect(await byHand(`update press.papers set revision = revision + 1 where id = '${id}'`)).toBe("ST004");
    expect(await byHand(`delete from press.papers where id = '${id}'`)).toBe("ST004");
    expect(await byHand("truncate press.papers cascade")).toBe("42501");
    expect(await byHand("alter table press.papers disable trigger all")).toBe("42501");
    expect(await byHand("set session_replication_role = replica")).toBe("42501");
    expect(await rig.at("acme").papers.get(id)).toMatchObject({ revision: 1n, status: "published" });
  });

  it("to add, change, remove or take over its children", async () => {
    const [id, draft] = [await stored("published"), await stored("draft")];
    expect(await byHand(line(id))).toBe("ST004");
    expect(await byHand(`update press.paper_lines set body = 'x' where paper_id = '${id}'`)).toBe("ST004");
    expect(await byHand(`delete from press.paper_lines where paper_id = '${id}'`)).toBe("ST004");
    expect(await byHand(`delete from press.paper_notes where paper_id = '${id}'`)).toBe("ST004");
    const moved = (from: string, to: string) =>
      byHand(`update press.paper_lines set paper_id = '${to}', name = 'moved' where paper_id = '${from}'`);
    expect(await moved(id, draft)).toBe("ST004");
    expect(await moved(draft, id)).toBe("ST004");
    expect(await rig.at("acme").papers.get(id)).toMatchObject({ lines: [{ name: "first" }], notes: [{}] });
  });

  it("none of that of a draft, which goes with its children", async () => {
    const id = await stored("draft");
    expect(await byHand(line(id))).toBe(1);
    expect(await byHand(`update press.paper_lines set body = 'x' where paper_id = '${id}'`)).toBe(2);
    expect(await byHand(`delete from press.paper_lines where name = 'more'`)).toBe(1);
    expect(await byHand(`update press.papers set status = 'published' where id = '${id}'`)).toBe(1);
    const other = await stored("draft");
    expect(await byHand(`delete from press.papers where id = '${other}'`)).toBe(1);
  });

  it("a child that comes while its root is being frozen: it waits, and is refused", async () => {
    const id = await stored("draft");
    await withPostgres(rig.appUrl, async (client) => {
      await client.query("select set_config('app.tenant_id', 'acme', false)");
      await client.query("begin");
      await client.query(`update press.papers set status = 'published' where id = '${id}'`);
      const late = byHand(line(id));
      await withPostgres(rig.database.url, async (admin) => {
        for (let waiting = 0; waiting === 0;) {
          const { rows } = await admin.query<{ n: number }>(
            "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          );
          waiting = rows[0]?.n ?? 0;
        }
      });
      await client.query("commit");
      expect(await late).toBe("ST004");
    });
  });
});

it("whoever operates the databases may", async () => {
  const id = await stored("published");
  const role = "set role press_owner";
  expect(await by(rig.database.url, role, `update press.paper_lines set body = 'x' where paper_id = '${id}'`)).toBe(1);
  expect(await by(rig.database.url, role, `update press.papers set topic = 'x' where id = '${id}'`)).toBe(1);
  expect(await by(rig.database.url, "set role stella_replicator", line(id))).toBe(1);
  expect(await by(rig.database.url, "set role stella_replicator", `delete from press.papers where id = '${id}'`)).toBe(
    1,
  );
});

it("what the server refuses is told as the verbs tell it", async () => {
  const id = await stored("published");
  const postgres = openPostgres({ url: rig.appUrl, max: 1 });
  /** A statement of its own that does not name the condition. */
  class Careless extends repositories.papers {
    async bump() {
      const statement = { name: "bump", text: `update press.papers set topic = 'x' where id = '${id}'`, values: [] };
      await this.run(statement);
    }
  }
  const unit = singleUnit(postgres.pool, { tenant: tenantId("acme") });
  await expect(new Careless(unit).bump()).rejects.toMatchObject({
    code: "IMMUTABLE",
    family: "conflict",
    message: "this paper is frozen since its status is published, and never changes again; make a new paper instead",
    details: { table: "papers" },
  });
  await postgres.close();
});

it("the verbs do not lean on the server for it: where its triggers are away they refuse by themselves", async () => {
  const [id, draft] = [await stored("published"), await stored("draft")];
  const triggers = (how: "enable" | "disable") =>
    withPostgres(rig.database.url, (client) => client.query(`alter table press.papers ${how} trigger papers_frozen`));
  await triggers("disable");
  const on = rig.at("acme").papers;
  const immutable = { error: "IMMUTABLE", family: "conflict" };
  const replace = [{ aggregate: paper({ id }), expected: 1n }];
  expect(await outcomeOf(() => on.put(paper({ id }), 1n))).toMatchObject(immutable);
  expect(await outcomeOf(() => on.delete(id, 1n))).toMatchObject(immutable);
  expect(await outcomeOf(() => on.alter({ where: { id }, set: { topic: "x" } }))).toMatchObject(immutable);
  expect(await outcomeOf(() => on.writePlan({ replace, remove: [{ id: draft, revision: 1n }] }))).toMatchObject(
    immutable,
  );
  expect(await on.get(id)).toMatchObject({ revision: 1n });
  expect(await on.get(draft)).toMatchObject({ revision: 1n });
  await triggers("enable");
});
