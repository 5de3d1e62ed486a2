import { quoted, replicatorRole, rolesOf, type MigrationModule } from "../module.ts";

/**
 * The net under rows that never change again, made here once as the tenancy functions are. In a migration
 * `call <schema>_app.freeze('pack_versions', 'status', 'published', 'pack_version_id', 'rules')` makes the server refuse with `ST004` what any
 * service does to a published version or to its rules: the column that says so and its value, then the children's reference and their
 * tables. Operators may: members of `stella_replicator`, by which data is copied and swept, and of the owner.
 */
export function freezeSql(module: MigrationModule): readonly string[] {
  const [schema, app, owner] = [quoted(module.schema), quoted(`${module.schema}_app`), rolesOf(module).owner];
  const service = [replicatorRole, owner].map((role) => `not pg_has_role(current_user, '${role}', 'usage')`);
  const services = service.join(" and ").replaceAll("'", "''");
  const pinned = "set search_path = pg_catalog, pg_temp";
  return [
    `create or replace function ${app}.refuse_change(name text) returns boolean language plpgsql ${pinned} as $$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $$;`,
    `-- Fires only where the row is frozen.
create or replace function ${app}.refuse_frozen() returns trigger language plpgsql ${pinned} as $$
begin
  perform ${app}.refuse_change(tg_table_name);
  return null;
end $$;`,
    // Once a statement: once a row took 0.3 ms each. As the replicator, because under the policies a statement that changes the setting of
    // the tenant as it goes would hide the roots from it. The lock waits for whoever is freezing a root right now, and then gives what that
    // one has made of it. What this very transaction has frozen is its own until the commit: a root and its children come in one statement.
    `-- Of children: the root's table, the column of theirs that names it, and what freezes it.
create or replace function ${app}.refuse_of_frozen() returns trigger language plpgsql security definer ${pinned} as $$
declare
  touched text := format('select tenant_id, %I as id from changed', tg_argv[1]);
  frozen boolean;
begin
  if tg_op = 'UPDATE' then
    touched := touched || format(' union select tenant_id, %I from gone', tg_argv[1]);
  end if;
  for frozen in execute format(
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join ${schema}.%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform ${app}.refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $$;`,
    `create or replace procedure ${app}.freeze(name text, field text, value text, reference text default null, variadic children text[] default '{}') language plpgsql as $$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on ${schema}.%I for each row when (old.%I = %L and ${services}) execute function ${app}.refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on ${schema}.%I referencing %s for each statement when (${services}) execute function ${app}.refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $$;`,
    `alter function ${app}.refuse_change(text) owner to ${quoted(owner)};`,
    `alter function ${app}.refuse_frozen() owner to ${quoted(owner)};`,
    `revoke all on function ${app}.refuse_of_frozen() from public;`,
    `grant execute on function ${app}.refuse_of_frozen() to ${quoted(owner)};`,
    `alter function ${app}.refuse_of_frozen() owner to ${replicatorRole};`,
    `alter procedure ${app}.freeze(text, text, text, text, text[]) owner to ${quoted(owner)};`,
    `revoke all on procedure ${app}.freeze(text, text, text, text, text[]) from public;`,
  ];
}
