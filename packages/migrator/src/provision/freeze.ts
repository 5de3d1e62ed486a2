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
  const inText = (condition: string): string => condition.replaceAll("'", "''");
  return [
    `create or replace function ${app}.refuse_change(name text) returns boolean language plpgsql as $$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $$;`,
    `-- Fires only where the row is frozen.
create or replace function ${app}.refuse_frozen() returns trigger language plpgsql as $$
begin
  perform ${app}.refuse_change(tg_table_name);
  return null;
end $$;`,
    // The lock waits for whoever is freezing the root right now, and then gives what that one has made of it. What this transaction itself has frozen it may still fill: a root and its
    // children come in one statement.
    `-- Of children: the root's table, the column of theirs that names it, and what freezes it.
create or replace function ${app}.refuse_of_frozen() returns trigger language plpgsql as $$
declare
  root constant text := format('select %I = %L and xmin <> pg_current_xact_id()::xid from ${schema}.%I where tenant_id = $1 and id = $2 for share', tg_argv[2], tg_argv[3], tg_argv[0]);
  frozen boolean;
begin
  if tg_op <> 'INSERT' then
    execute root into frozen using old.tenant_id, (to_jsonb(old) ->> tg_argv[1])::uuid;
  end if;
  if frozen is not true and tg_op <> 'DELETE' then
    execute root into frozen using new.tenant_id, (to_jsonb(new) ->> tg_argv[1])::uuid;
  end if;
  if frozen then
    perform ${app}.refuse_change(tg_argv[0]);
  end if;
  return coalesce(new, old);
end $$;`,
    `create or replace procedure ${app}.freeze(name text, field text, value text, reference text default null, variadic children text[] default '{}') language plpgsql as $$
declare
  child text;
begin
  execute format('create trigger %I before update or delete on ${schema}.%I for each row when (old.%I = %L and ${inText(service.join(" and "))}) execute function ${app}.refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    execute format('create trigger %I before insert or update or delete on ${schema}.%I for each row when (${inText(service.join(" and "))}) execute function ${app}.refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen', child, name, reference, field, value);
  end loop;
end $$;`,
    `alter function ${app}.refuse_change(text) owner to ${quoted(owner)};`,
    `alter function ${app}.refuse_frozen() owner to ${quoted(owner)};`,
    `alter function ${app}.refuse_of_frozen() owner to ${quoted(owner)};`,
    `alter procedure ${app}.freeze(text, text, text, text, text[]) owner to ${quoted(owner)};`,
    `revoke all on procedure ${app}.freeze(text, text, text, text, text[]) from public;`,
  ];
}
