import { refused, type Aggregate, type Clock, systemClock } from "@stellaops/kernel";
import type { Postgres } from "./connection.ts";
import { mapError } from "./errors.ts";

export interface ServiceChecks {
  readonly schema: string;
  readonly aggregates: readonly Aggregate[];
  /** Further schemas whose tables must keep tenants apart. */
  readonly also?: readonly string[];
  readonly clock?: Clock;
}

/** A service's clock may run this far from the database's; milliseconds. */
const maxSkewMs = 500;

interface Posture {
  readonly role: string;
  readonly superuser: string | null;
  readonly bypassrls: string | null;
  readonly mighty: string | null;
  readonly owned: string | null;
  readonly privileges: readonly string[];
  readonly tables: readonly string[];
  readonly unforced: readonly string[];
  readonly unguarded: readonly string[];
  readonly now: Date;
}

/**
 * One statement: what the role is or may become by `set role`, what it owns, and how each table of the schemas is guarded. Being a member of a
 * role that bypasses the policies is as good as bypassing them.
 */
const question = `
with reachable as (
  select g.* from pg_roles g where pg_has_role(current_user, g.oid, 'MEMBER')
), tables as (
  select c.oid, c.relname, c.relnamespace, c.oid::regclass::text as name, c.relrowsecurity and c.relforcerowsecurity as forced,
    pg_has_role(current_user, c.relowner, 'MEMBER') as own
  from pg_class c where c.relnamespace in (select to_regnamespace(name) from unnest(array_append($2::text[], $1::text)) name) and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
), guards as (
  select polrelid, count(distinct polcmd) filter (where polpermissive and polcmd in ('r', 'a', 'w', 'd')) as commands, count(*) as policies
  from pg_policy group by polrelid
)
select current_user as role,
  (select min(rolname) from reachable where rolsuper) as superuser,
  (select min(rolname) from reachable where rolbypassrls) as bypassrls,
  (select min(rolname) from reachable where rolcreaterole or rolreplication
    or rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')) as mighty,
  (select min(name) from tables where own) as owned,
  (select coalesce(json_agg(name order by name), '[]') from tables where has_table_privilege(current_user, oid, 'truncate, references, trigger')) as privileges,
  (select coalesce(json_agg(relname order by relname), '[]') from tables where relnamespace = to_regnamespace($1::text)) as tables,
  (select coalesce(json_agg(name order by name), '[]') from tables where not forced) as unforced,
  (select coalesce(json_agg(name order by name), '[]') from tables left join guards on polrelid = oid where commands is distinct from 4 or policies <> 4) as unguarded,
  clock_timestamp() as now`;

/**
 * Refuses to serve where tenants would not be kept apart, or instants not be comparable.
 * @throws family refused: `ROLE_SUPERUSER`, `ROLE_BYPASSES_RLS`, `ROLE_OWNS_TABLES`, `ROLE_PRIVILEGES`, `TABLE_MISSING`, `POLICY_MISSING`, `CLOCK_SKEW`
 */
export async function checkService({ pool }: Postgres, checks: ServiceChecks): Promise<void> {
  const { schema, aggregates, also = [], clock = systemClock } = checks;
  const asked = clock.now().getTime();
  const { rows } = await pool.query<Posture>(question, [schema, also]).catch((error: unknown) => {
    throw mapError(error);
  });
  const [posture] = rows;
  if (posture === undefined) return;
  const { role } = posture;
  const login = `let the service log in as a role that is only a member of ${schema}_app`;
  const asRole = (name: string): string => (name === role ? role : `${role}, a member of ${name},`);
  if (posture.superuser !== null)
    throw refused("ROLE_SUPERUSER", `${asRole(posture.superuser)} is a superuser, whom no policy holds; ${login}`);
  if (posture.bypassrls !== null)
    throw refused("ROLE_BYPASSES_RLS", `${asRole(posture.bypassrls)} bypasses row-level security; ${login}`);
  if (posture.owned !== null)
    throw refused("ROLE_OWNS_TABLES", `${role} owns ${posture.owned}, and could lift its policies; ${login}`);
  if (posture.mighty !== null)
    throw refused(
      "ROLE_PRIVILEGES",
      `${asRole(posture.mighty)} may make roles, replicate, or reach the server's files, past every policy; ${login}`,
    );
  if (posture.privileges.length > 0)
    throw refused(
      "ROLE_PRIVILEGES",
      `${role} may TRUNCATE, or has REFERENCES or TRIGGER on ${posture.privileges.join(", ")}, which no policy holds; revoke them`,
      { details: { tables: posture.privileges } },
    );
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
      `${open.join(", ")}: row-level security is not forced with its four policies; run \`stella-data migrate verify --module ${schema}\``,
      { details: { tables: open } },
    );
  const answered = clock.now().getTime();
  const skew = Math.max(asked - posture.now.getTime(), posture.now.getTime() - answered);
  if (skew > maxSkewMs)
    throw refused("CLOCK_SKEW", `this machine's clock is ${skew} ms off the database's; set both by NTP`, {
      details: { skewMs: skew },
    });
}
