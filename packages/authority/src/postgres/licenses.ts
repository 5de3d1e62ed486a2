import { normaliseKey } from "@stellaops/kernel";
import {
  changeStatement,
  Parameters,
  PostgresRepository,
  table,
  Text,
  type Statement,
  type Unit,
} from "@stellaops/postgres";
import { licenses } from "../aggregates.ts";
import { cleanConsumption, refusalOf } from "../domain/license-consumption.ts";
import type { Consumption, Licenses } from "../repositories/licenses.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "licenses", typeof licenses>(licenses);

const ofKey = byKey<{ licenseKey: string }>("licenseKey");

/** Goes before `taking`, so that what it adds up is seen after every earlier consumption has committed. */
const lock = new Text("select from authority.licenses where tenant_id = $1 and license_key = $2 for update");

/** One statement: what is counted is what it has taken itself, whatever else its unit did to the license before. */
function taking({ licenseKey, metric, period, n, at }: Consumption, { tenant, register }: Unit): Statement {
  const params = new Parameters(tenant);
  const [key, of, during] = [licenseKey, metric, period].map((value) => params.add("text", value));
  const [more, now] = [params.add("count", n), params.add("instant", at)];
  const used = `coalesce((select u.used::numeric from authority.license_usage u
    where u.tenant_id = $1 and u.license_id = licenses.id and u.metric = ${of} and u.period = ${during}), 0) + ${more}`;
  const limit = `case jsonb_typeof(limits -> ${of}) when 'number' then floor((limits ->> ${of})::numeric) end`;
  const change = `update authority.licenses set updated_at = ${now}, revision = revision + 1
    where tenant_id = $1 and license_key = ${key} and status = 'active' and valid_from <= ${now} and valid_to > ${now} and ${used} <= ${limit}
    returning id, revision, ${used} as used, ${limit} as allowed`;
  const counted = `counted as (insert into authority.license_usage as u (tenant_id, license_id, metric, period, used)
    select $1, changed.id, ${of}, ${during}, ${more} from changed
    on conflict (tenant_id, license_id, metric, period) do update set used = u.used + excluded.used)`;
  return changeStatement(licenses, { change, ctes: [counted], params, register });
}

export class PostgresLicenses extends PostgresRepository<typeof licenses> implements Licenses {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByKey(licenseKey: string) {
    return this.first(ofKey, normaliseKey(licenses, { licenseKey }));
  }

  async consume(consumption: Consumption) {
    const asked = cleanConsumption(consumption);
    const { tenant } = this.unit;
    const statements = [lock.bind([tenant, asked.licenseKey]), taking(asked, this.unit)];
    const [taken] = await this.carried(statements);
    if (taken === undefined) throw refusalOf(await this.findByKey(asked.licenseKey), tenant, asked);
    const used = BigInt(String(taken.row["used"]));
    return { used, left: BigInt(String(taken.row["allowed"])) - used };
  }
}
