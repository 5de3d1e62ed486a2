import { bulkLoad, getText, nameOf, table, Text } from "@stellaops/postgres";
import type { Pool } from "pg";
import { drizzle } from "drizzle-orm/node-postgres";
import { sql as drizzleSql } from "drizzle-orm";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import { withoutScope } from "../without-scope.ts";
import { definition } from "../advisories.ts";
import { advisoriesOf } from "../feed.ts";
import { interleaved, type Way } from "../measure.ts";
import { tenant } from "../rig.ts";
import type { Experiment } from "../experiment.ts";
import type { Row } from "../row.ts";

/** P1 and P2: one advisory with its six child tables, by id and by key, as a service's repository reads it. */
export const readByKey: Experiment = async ({ rig, rounds }) => {
  const stored = [...advisoriesOf(4_000, 1)];
  await bulkLoad(rig.replicator.pool, definition, tenant, stored);
  await rig.sql("analyze");
  const { advisories } = rig.onPostgres.tenant(tenant);
  const at = (turn: number) => stored[(turn * 7_919) % stored.length]!;
  const get = new Text(getText(definition));
  const byKey = table<never, never, never>(definition as never).byKey<{ advisoryKey: string }>("advisoryKey");
  const keyText = byKey.compiled.text;
  const keyName = nameOf(keyText);
  const keyValues = (turn: number) => [...byKey.bind(tenant, { advisoryKey: at(turn).advisoryKey }).values];
  const { app, session, bypass } = rig.plain;

  const p1 = await interleaved(
    {
      repository: (turn) => advisories.get(at(turn).id),
      pg: (turn) => session.query({ name: get.bind([]).name, text: get.text, values: [tenant, at(turn).id] }),
    },
    { rounds },
  );

  const executor = withoutScope(rig.replicator.pool, tenant);
  const kysely = new Kysely<object>({ dialect: new PostgresDialect({ pool: app }) });
  const drizzled = drizzle(app);
  const setTenant = "select set_config('app.tenant_id', $1, true)";
  const p2 = await interleaved(
    {
      repository: (turn) => advisories.findByKey(at(turn).advisoryKey),
      pg: (turn) => bypass.query({ name: keyName, text: keyText, values: keyValues(turn) }),
      executor: (turn) => executor.run([{ name: keyName, text: keyText, values: keyValues(turn) }]),
      kysely: (turn) =>
        kysely.transaction().execute(async (unit) => {
          await unit.executeQuery(CompiledQuery.raw(setTenant, [tenant]));
          return unit.executeQuery(CompiledQuery.raw(keyText, keyValues(turn)));
        }),
      drizzle: (turn) =>
        drizzled.transaction(async (unit) => {
          await unit.execute(drizzleSql`select set_config('app.tenant_id', ${tenant}, true)`);
          return unit.execute(inDrizzle(keyText, keyValues(turn)));
        }),
    },
    { rounds },
  );
  // Forty reads in one batch: what the client and the network cost is shared by all, so that the server's own work is left.
  const batched = (pool: Pool): Way => {
    const { run } = withoutScope(pool, tenant);
    return (turn) =>
      run(
        Array.from({ length: 40 }, (_, i) => ({
          // Not the name under which pg parsed it on the same connections.
          name: `${keyName}.batched`,
          text: keyText,
          values: keyValues(turn * 40 + i),
        })),
      );
  };
  const policies = await interleaved(
    { policies: batched(session), predicate: batched(bypass) },
    { rounds, callers: 1, roundMs: 250 },
  );
  const unit = "reads/s, 8 callers, 8 connections";
  const shown = (name: string, to: string): Row => ({
    experiment: "P2",
    name: `repository under RLS ÷ ${name}`,
    ratio: p2.ratio("repository", to),
    reach: null,
    parts: { repository: p2.perSecond["repository"] ?? 0, [to]: p2.perSecond[to] ?? 0 },
    unit,
  });
  return [
    {
      experiment: "P1",
      name: "repository read by id, mapped ÷ raw pg, named statement of the same SQL, tenant set once a session",
      ratio: p1.ratio("repository", "pg"),
      reach: { least: 0.9 },
      parts: p1.perSecond,
      unit,
    },
    {
      experiment: "P2",
      name: "repository read by key under RLS ÷ pg's named query of the same SQL without RLS",
      ratio: p2.ratio("repository", "pg"),
      reach: { least: 0.95 },
      parts: { repository: p2.perSecond["repository"] ?? 0, pg: p2.perSecond["pg"] ?? 0 },
      unit,
    },
    {
      experiment: "P2",
      name: "the policies alone: the statement in batches of 40, tenant set once a session ÷ without RLS",
      ratio: policies.ratio("policies", "predicate"),
      reach: null,
      parts: policies.perSecond,
      unit: "batches/s, 1 caller",
      note: "Each of the seven tables brings its policy into the plan: one call of require_current_tenant(), and an array condition that every index scan sets up anew. That bounds P2; the scope's set_config is small beside it.",
    },
    shown("our executor without scope and without RLS", "executor"),
    shown("Kysely's default under RLS in a transaction", "kysely"),
    {
      ...shown("Drizzle under RLS in a transaction", "drizzle"),
      note: "Prisma is not shown: its command line fetches an engine when it is installed, so it is no dependency here.",
    },
  ];
};

/** Drizzle writes the parameters' numbers itself: the text is cut at them. */
const inDrizzle = (text: string, values: readonly unknown[]) => {
  const parts = text.split(/\$(\d+)/);
  return drizzleSql.join(
    parts.map((part, i) => (i % 2 === 0 ? drizzleSql.raw(part) : drizzleSql`${values[Number(part) - 1]}`)),
  );
};
