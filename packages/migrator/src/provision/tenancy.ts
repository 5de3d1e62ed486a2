import { quoted, rolesOf, type MigrationModule } from "../module.ts";

/**
 * What row-level security of a module's tables rests on, in its schema `<schema>_app`: made here once, so that no module's migrations
 * repeat it. `call <schema>_app.protect('table')` in a migration forces row-level security on a table, with the four policies.
 */
export function tenancySql(module: MigrationModule): readonly string[] {
  const [schema, app, owner] = [quoted(module.schema), quoted(`${module.schema}_app`), quoted(rolesOf(module).owner)];
  const own = `tenant_id = (select ${app}.require_current_tenant())`;
  return [
    `create or replace function ${app}.no_tenant() returns text
language plpgsql stable parallel safe as $$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $$;`,
    // One SQL expression, so that the planner inlines it: with PL/pgSQL a read of seven tables kept 0.82 of its rate without policies, so it
    // keeps 0.86 (pnpm bench read).
    `-- Raises where no tenant is set, also on '', which is what a committed transaction-local setting leaves behind.
create or replace function ${app}.require_current_tenant() returns text
language sql stable parallel safe as $$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), ${app}.no_tenant())
$$;`,
    `-- Read own or shared (as an array: before PostgreSQL 18 an \`or\` answers for a shared row without ever asking for the tenant), write own
-- only. One policy for all would let a tenant delete or take over a shared row.
create or replace procedure ${app}.protect(name text) language plpgsql as $$
declare
  own constant text := '${own}';
begin
  execute format('alter table ${schema}.%I enable row level security', name);
  execute format('alter table ${schema}.%I force row level security', name);
  execute format('create policy %I on ${schema}.%I for select using (tenant_id = any (array[(select ${app}.require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on ${schema}.%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on ${schema}.%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on ${schema}.%I for delete using (%s)', name || '_delete', name, own);
end $$;`,
    `alter function ${app}.no_tenant() owner to ${owner};`,
    `alter function ${app}.require_current_tenant() owner to ${owner};`,
    `alter procedure ${app}.protect(text) owner to ${owner};`,
    `revoke all on procedure ${app}.protect(text) from public;`,
  ];
}
