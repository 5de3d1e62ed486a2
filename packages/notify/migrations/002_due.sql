-- Which tenants have work, and nothing else: what a worker that serves all of them may know. Under the policies nobody sees more than one
-- tenant, so this runs as a role that bypasses them. One index probe for each tenant that has anything waiting (a loose scan of the partial
-- indexes), whoever has waited longest first, so that no tenant is passed over for ever.
create or replace function notify_app.due_tenants(kind text, at timestamptz, row_limit integer)
returns table (tenant_id text)
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
begin
  case kind
  when 'deliveries' then return query
    with recursive tenants as (
      (select d.tenant_id as tenant, d.next_attempt_at as since from notify.deliveries d
        where d.status = 'queued' order by d.tenant_id, d.next_attempt_at limit 1)
      union all
      select n.tenant_id, n.next_attempt_at from tenants w cross join lateral
        (select d.tenant_id, d.next_attempt_at from notify.deliveries d
          where d.status = 'queued' and d.tenant_id > w.tenant order by d.tenant_id, d.next_attempt_at limit 1) n),
    holders as (
      (select d.tenant_id as tenant, d.lease_until as since from notify.deliveries d
        where d.status = 'sending' order by d.tenant_id, d.lease_until limit 1)
      union all
      select n.tenant_id, n.lease_until from holders w cross join lateral
        (select d.tenant_id, d.lease_until from notify.deliveries d
          where d.status = 'sending' and d.tenant_id > w.tenant order by d.tenant_id, d.lease_until limit 1) n),
    waiting as (select * from tenants union all select * from holders)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  when 'digests' then return query
    with recursive waiting as (
      (select g.tenant_id as tenant, g.due_at as since from notify.digests g
        where g.due_at is not null order by g.tenant_id, g.due_at limit 1)
      union all
      select n.tenant_id, n.due_at from waiting w cross join lateral
        (select g.tenant_id, g.due_at from notify.digests g
          where g.due_at is not null and g.tenant_id > w.tenant order by g.tenant_id, g.due_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  when 'escalations' then return query
    with recursive waiting as (
      (select e.tenant_id as tenant, e.next_at as since from notify.escalation_states e
        where e.status = 'active' order by e.tenant_id, e.next_at limit 1)
      union all
      select n.tenant_id, n.next_at from waiting w cross join lateral
        (select e.tenant_id, e.next_at from notify.escalation_states e
          where e.status = 'active' and e.tenant_id > w.tenant order by e.tenant_id, e.next_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  else raise exception 'no work of kind %', kind using errcode = '22023';
  end case;
end $$;
grant execute on function notify_app.require_current_tenant() to stella_replicator, notify_app;
revoke all on function notify_app.due_tenants(text, timestamptz, integer) from public;
grant execute on function notify_app.due_tenants(text, timestamptz, integer) to notify_app;
-- Last: a role that no longer owns the function could not take it from public, and PostgreSQL would only warn.
alter function notify_app.due_tenants(text, timestamptz, integer) owner to stella_replicator;
