-- @@ is not leakproof, so row-level security keeps it off the GIN index: a search under the policies reads every row of the table
-- (0.7 ms became 245 to 2,233 ms). This function searches as a role that bypasses them, with the tenant spelled out, and gives back keys only:
-- the rows are joined to them under the policies.
create or replace function vuln_app.search_advisories(query tsquery, after_at timestamptz, after_id uuid, after_tenant text, row_limit integer)
returns table (tenant_id text, id uuid)
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare own constant text := vuln_app.require_current_tenant();
begin
  return query
    select a.tenant_id, a.id from vuln.advisories a
    where a.search @@ query and a.tenant_id in (own, '@global')
      and (a.modified_at, a.id, a.tenant_id) < (after_at, after_id, after_tenant)
    order by a.modified_at desc, a.id desc, a.tenant_id desc
    limit row_limit;
end $$;
grant execute on function vuln_app.require_current_tenant() to stella_replicator, vuln_app;
revoke all on function vuln_app.search_advisories(tsquery, timestamptz, uuid, text, integer) from public;
grant execute on function vuln_app.search_advisories(tsquery, timestamptz, uuid, text, integer) to vuln_app;
-- Last: a role that no longer owns the function could not take it from public, and PostgreSQL would only warn.
alter function vuln_app.search_advisories(tsquery, timestamptz, uuid, text, integer) owner to stella_replicator;
