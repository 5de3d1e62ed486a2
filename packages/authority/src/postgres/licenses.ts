import { normalisePart } from "@stellaops/kernel";
import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { licenses } from "../aggregates.ts";
import { cleanConsumption, refusalOf } from "../domain/license-consumption.ts";
import type { Consumption, Licenses } from "../repositories/licenses.ts";
import type { DB } from "./generated/database.ts";

const { change, byKey, ...verbs } = table<DB, "licenses", typeof licenses>(licenses);

const ofKey = byKey<{ licenseKey: string }>("licenseKey");

/** Goes before `take`, so that what it adds up is seen after every earlier consumption has committed. */
const lock = new Text("select from authority.licenses where tenant_id = $1 and license_key = $2 for update");

const take = change<Consumption>()((db, { tenant, licenseKey, metric, period, n, at }) => {
  const used = sql<string>`coalesce((select u.used::numeric from authority.license_usage u where u.tenant_id = ${tenant}
    and u.license_id = licenses.id and u.metric = ${metric} and u.period = ${period}), 0) + ${n}::bigint`;
  const limit = sql<string>`case jsonb_typeof(limits -> ${metric}::text) when 'number' then floor((limits ->> ${metric}::text)::numeric) end`;
  return db
    .updateTable("licenses")
    .set(({ eb }) => ({ updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where("license_key", "=", licenseKey)
    .where("status", "=", "active")
    .where("valid_from", "<=", at)
    .where("valid_to", ">", at)
    .where(sql<boolean>`${used} <= ${limit}`)
    .returning(["id", "revision", used.as("used"), limit.as("allowed")]);
});

/** Follows `take` in its transaction: only a license that it has taken from is this transaction's. */
const count = new Text(`insert into authority.license_usage as u (tenant_id, license_id, metric, period, used)
  select $1, l.id, $3::text, $4::text, $5::bigint from authority.licenses l
  where l.tenant_id = $1 and l.license_key = $2 and l.xmin = pg_current_xact_id()::xid
  on conflict (tenant_id, license_id, metric, period) do update set used = u.used + excluded.used`);

export class PostgresLicenses extends PostgresRepository<typeof licenses> implements Licenses {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByKey(licenseKey: string) {
    return this.first(ofKey, normalisePart(licenses, { licenseKey }));
  }

  async consume(consumption: Consumption) {
    const asked = cleanConsumption(consumption);
    const { licenseKey, metric, period, n } = asked;
    const { tenant } = this.unit;
    const before = [lock.bind([tenant, licenseKey])];
    const after = [count.bind([tenant, licenseKey, metric, period, n])];
    const [taken] = await this.changed(take, asked, { before, after });
    if (taken === undefined) throw refusalOf(await this.findByKey(licenseKey), tenant, asked);
    const used = BigInt(String(taken["used"]));
    return { used, left: BigInt(String(taken["allowed"])) - used };
  }
}
