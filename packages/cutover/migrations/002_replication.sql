-- What a worker that serves all tenants may know: which of them have work, and how much there is. Owned by the role that sees all of them.

create function cutover.pending_tenants(p_module text) returns setof text
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct tenant_id from cutover.register where module = p_module and pending and refusal is null
$$;

create function cutover.pending_count(p_module text, out pending bigint, out parked bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*) filter (where refusal is null), count(*) filter (where refusal is not null)
  from cutover.register where module = p_module and pending
$$;

-- The owner changes last: what another role owns cannot be revoked any more.
revoke execute on function cutover.pending_tenants(text), cutover.pending_count(text) from public;
grant execute on function cutover.pending_tenants(text), cutover.pending_count(text) to cutover_app, cutover_owner;
alter function cutover.pending_tenants(text) owner to stella_replicator;
alter function cutover.pending_count(text) owner to stella_replicator;

-- Every parked key is tried again, of whichever tenant: what stood in its way may be gone.
create function cutover.unpark(p_module text) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  with unparked as (
    update cutover.register set refusal = null where module = p_module and pending and refusal is not null returning 1
  )
  select count(*) from unparked
$$;

revoke execute on function cutover.unpark(text) from public;
grant execute on function cutover.unpark(text) to cutover_app, cutover_owner;
alter function cutover.unpark(text) owner to stella_replicator;
