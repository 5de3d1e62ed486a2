-- Which tenants have work, and nothing else: what a worker that serves all of them may know. Under the policies nobody sees more than one
-- tenant, so this runs as a role that bypasses them. One index probe for each tenant that has anything waiting (a loose scan of the partial
-- indexes), whoever has waited longest first, so that no tenant is passed over for ever.
create or replace function scheduler_app.due_tenants(kind text, at timestamptz, row_limit integer)
returns table (tenant_id text)
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
begin
  case kind
  when 'triggers' then return query
    with recursive waiting as (
      (select t.tenant_id as tenant, t.next_fire_at as since from scheduler.triggers t
        where t.next_fire_at is not null order by t.tenant_id, t.next_fire_at limit 1)
      union all
      select n.tenant_id, n.next_fire_at from waiting w cross join lateral
        (select t.tenant_id, t.next_fire_at from scheduler.triggers t
          where t.next_fire_at is not null and t.tenant_id > w.tenant order by t.tenant_id, t.next_fire_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  when 'policy_jobs' then return query
    with recursive tenants as (
      (select j.tenant_id as tenant from scheduler.policy_jobs j where j.status = 'queued' order by j.tenant_id limit 1)
      union all
      select n.tenant_id from tenants w cross join lateral
        (select j.tenant_id from scheduler.policy_jobs j where j.status = 'queued' and j.tenant_id > w.tenant order by j.tenant_id limit 1) n),
    holders as (
      (select j.tenant_id as tenant from scheduler.policy_jobs j where j.status = 'running' order by j.tenant_id limit 1)
      union all
      select n.tenant_id from holders w cross join lateral
        (select j.tenant_id from scheduler.policy_jobs j where j.status = 'running' and j.tenant_id > w.tenant order by j.tenant_id limit 1) n),
    waiting as (
      select w.tenant, j.available_at as since from tenants w cross join generate_series(0, 2) as rank cross join lateral
        (select j.available_at from scheduler.policy_jobs j
          where j.status = 'queued' and j.tenant_id = w.tenant and j.priority_rank = rank order by j.available_at limit 1) j
      union all
      select w.tenant, j.lease_until from holders w cross join lateral
        (select j.lease_until from scheduler.policy_jobs j
          where j.status = 'running' and j.tenant_id = w.tenant order by j.lease_until limit 1) j)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  when 'graph_jobs' then return query
    with recursive tenants as (
      (select j.tenant_id as tenant, j.available_at as since from scheduler.graph_jobs j
        where j.status = 'queued' order by j.tenant_id, j.available_at limit 1)
      union all
      select n.tenant_id, n.available_at from tenants w cross join lateral
        (select j.tenant_id, j.available_at from scheduler.graph_jobs j
          where j.status = 'queued' and j.tenant_id > w.tenant order by j.tenant_id, j.available_at limit 1) n),
    holders as (
      (select j.tenant_id as tenant, j.lease_until as since from scheduler.graph_jobs j
        where j.status = 'running' order by j.tenant_id, j.lease_until limit 1)
      union all
      select n.tenant_id, n.lease_until from holders w cross join lateral
        (select j.tenant_id, j.lease_until from scheduler.graph_jobs j
          where j.status = 'running' and j.tenant_id > w.tenant order by j.tenant_id, j.lease_until limit 1) n),
    waiting as (select * from tenants union all select * from holders)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  else raise exception 'no work of kind %', kind using errcode = '22023';
  end case;
end $$;
grant execute on function scheduler_app.require_current_tenant() to stella_replicator, scheduler_app;
revoke all on function scheduler_app.due_tenants(text, timestamptz, integer) from public;
grant execute on function scheduler_app.due_tenants(text, timestamptz, integer) to scheduler_app;
-- Last: a role that no longer owns the function could not take it from public, and PostgreSQL would only warn.
alter function scheduler_app.due_tenants(text, timestamptz, integer) owner to stella_replicator;
