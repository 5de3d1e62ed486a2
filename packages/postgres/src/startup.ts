import { refused, type Aggregate, type Clock, systemClock } from "@stellaops/kernel";
import type { Postgres } from "./connection.ts";
import { mapError } from "./errors.ts";

export interface ServiceChecks {
  readonly schema: string;
  readonly aggregates: readonly Aggregate[];
  readonly clock?: Clock;
}

/** A service's clock may run this far from the database's; milliseconds. */
const maxSkewMs = 500;

interface Posture {
  readonly role: string;
  readonly superuser: boolean;
  readonly bypassrls: boolean;
  readonly owned: string | null;
  readonly tables: readonly string[];
  readonly unforced: readonly string[];
  readonly unguarded: readonly string[];
  readonly now: Date;
}

/** One statement: what the role is, what it owns, and how each table of the schema is guarded. */
const question = `
with tables as (
  select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity as forced, pg_get_userbyid(c.relowner) = current_user as own
  from pg_class c where c.relnamespace = to_regnamespace($1) and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
), guards as (
  select polrelid, count(distinct polcmd) filter (where polpermissive and polcmd in ('r', 'a', 'w', 'd')) as commands, count(*) as policies
  from pg_policy group by polrelid
)
select current_user as role, r.rolsuper as superuser, r.rolbypassrls as bypassrls,
  (select min(relname) from tables where own) as owned,
  (select coalesce(json_agg(relname order by relname), '[]') from tables) as tables,
  (select coalesce(json_agg(relname order by relname), '[]') from tables where not forced) as unforced,
  (select coalesce(json_agg(relname order by relname), '[]') from tables left join guards on polrelid = oid where commands is distinct from 4 or policies <> 4) as unguarded,
  clock_timestamp() as now
from pg_roles r where r.rolname = current_user`;

/**
 * Refuses to serve where tenants would not be kept apart, or instants not be comparable.
 * @throws family refused: `ROLE_SUPERUSER`, `ROLE_BYPASSES_RLS`, `ROLE_OWNS_TABLES`, `TABLE_MISSING`, `POLICY_MISSING`, `CLOCK_SKEW`
 */
export async function checkService({ pool }: Postgres, checks: ServiceChecks): Promise<void> {
  const { schema, aggregates, clock = systemClock } = checks;
  const asked = clock.now().getTime();
  const { rows } = await pool.query<Posture>(question, [schema]).catch((error: unknown) => {
    throw mapError(error);
  });
  const [posture] = rows;
  if (posture === undefined) return;
  const { role } = posture;
  const login = `let the service log in as a role that is only a member of ${schema}_app`;
  if (posture.superuser) throw refused("ROLE_SUPERUSER", `${role} is a superuser, whom no policy holds; ${login}`);
  if (posture.bypassrls) throw refused("ROLE_BYPASSES_RLS", `${role} bypasses row-level security; ${login}`);
  if (posture.owned !== null)
    throw refused("ROLE_OWNS_TABLES", `${role} owns ${schema}.${posture.owned}, and could lift its policies; ${login}`);
  const missing = aggregates.map(({ table }) => table).filter((table) => !posture.tables.includes(table));
  if (missing.length > 0)
    throw refused(
      "TABLE_MISSING",
      `${schema} lacks ${missing.join(", ")}; run \`stella-data migrate apply --module ${schema}\``,
      { details: { missing } },
    );
  const open = [...new Set([...posture.unforced, ...posture.unguarded])];
  if (open.length > 0)
    throw refused(
      "POLICY_MISSING",
      `${open.map((table) => `${schema}.${table}`).join(", ")}: row-level security is not forced with its four policies; run \`stella-data migrate verify --module ${schema}\``,
      { details: { tables: open } },
    );
  const answered = clock.now().getTime();
  const skew = Math.max(asked - posture.now.getTime(), posture.now.getTime() - answered);
  if (skew > maxSkewMs)
    throw refused("CLOCK_SKEW", `this machine's clock is ${skew} ms off the database's; set both by NTP`, {
      details: { skewMs: skew },
    });
}
