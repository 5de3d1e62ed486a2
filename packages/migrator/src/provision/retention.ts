import { quoted, replicatorRole, rolesOf, type MigrationModule } from "../module.ts";

/** Clocks of the two databases may differ by so much: what one of them has purged the other does not refuse to let go of. */
const skew = "interval '1 hour'";

/**
 * `call <schema>_app.retain('table', 'column', days)` in a migration lets services purge an append-only table, in which they have neither
 * UPDATE nor DELETE: through two functions that run as the owner, see the current tenant's rows only, and leave whatever is younger by the
 * server's own clock. `purge_<table>` takes the oldest; `bury_<table>` takes rows by id, for deletions that come from the other database.
 * Days are counted in hours: those of an interval depend on the time zone of the session.
 */
export function retentionSql(module: MigrationModule): readonly string[] {
  const { owner, app: services } = rolesOf(module);
  const [schema, app] = [quoted(module.schema), quoted(`${module.schema}_app`)];
  const users = `${quoted(services)}, ${replicatorRole}`;
  const own = `tenant_id = (select ${app}.require_current_tenant())`;
  const head = `security definer set search_path = pg_catalog, pg_temp`;
  return [
    `create or replace procedure ${app}.retain(name text, by text, days integer) language plpgsql as $$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function ${app}.%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql ${head} as $body$
begin
  return query delete from ${schema}.%1$I t where t.${own} and t.id = any (array(
    select o.id from ${schema}.%1$I o where o.${own} and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function ${app}.%2$I(ids uuid[])
returns void language plpgsql ${head} as $body$
begin
  delete from ${schema}.%1$I t where t.${own} and t.id = any (ids) and t.%3$I < %4$s + ${skew};
  if exists (select from ${schema}.%1$I t where t.${own} and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function ${app}.%I(timestamptz, integer), ${app}.%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function ${app}.%I(timestamptz, integer), ${app}.%I(uuid[]) to ${users}', 'purge_' || name, 'bury_' || name);
end $$;`,
    `alter procedure ${app}.retain(text, text, integer) owner to ${quoted(owner)};`,
    `revoke all on procedure ${app}.retain(text, text, integer) from public;`,
  ];
}
