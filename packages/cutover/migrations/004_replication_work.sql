-- Work that several processes share: key ranges of a backfill, leases of whoever replicates, sweeps or purges, and the age of what is pending.

-- One key range of one aggregate: keys after first_key (null: from the beginning) up to and with last_key (null: to the end), as {tenant, id}.
create table cutover.backfill_items (
  module text collate "C" not null,
  generation bigint not null,
  aggregate text collate "C" not null,
  item integer not null,
  first_key jsonb,
  last_key jsonb,
  -- The last key that was copied: whoever takes the item over goes on behind it.
  cursor jsonb,
  estimate bigint not null,
  copied bigint not null default 0,
  -- Keys a second, as its worker has last seen it.
  rate real not null default 0,
  done boolean not null default false,
  worker text,
  until timestamptz(3),
  -- Grows with every claim: what a worker saves that was overtaken is not taken.
  token bigint not null default 0,
  updated_at timestamptz(3) not null default clock_timestamp(),
  constraint pk_backfill_items primary key (module, generation, aggregate, item)
);

-- Null: not planned yet, not paused.
alter table cutover.replication add column planned_at timestamptz(3), add column paused_at timestamptz(3), add column paused_by text;

-- Who does what only one is to do at a time. Nothing rests on it: two at once waste work and do no harm.
create table cutover.work_leases (
  module text collate "C" not null,
  work text collate "C" not null,
  holder text not null,
  until timestamptz(3) not null,
  constraint pk_work_leases primary key (module, work)
);

-- Takes a lease that is free or has run out, or renews one's own; false while another holds it.
create function cutover.hold_work(p_module text, p_work text, p_holder text, p_milliseconds bigint) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  with held as (
    insert into cutover.work_leases as l (module, work, holder, until)
      values (p_module, p_work, p_holder, clock_timestamp() + p_milliseconds * interval '1 millisecond')
      on conflict (module, work) do update set holder = excluded.holder, until = excluded.until
        where l.holder = excluded.holder or l.until < clock_timestamp()
      returning 1
  )
  select count(*) > 0 from held
$$;

create function cutover.release_work(p_module text, p_work text, p_holder text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from cutover.work_leases where module = p_module and work = p_work and holder = p_holder
$$;

grant select on cutover.backfill_items, cutover.work_leases to cutover_app, stella_replicator;
grant insert, update, delete on cutover.backfill_items to stella_replicator;
revoke execute on function cutover.hold_work(text, text, text, bigint), cutover.release_work(text, text, text) from public;
grant execute on function cutover.hold_work(text, text, text, bigint), cutover.release_work(text, text, text)
  to cutover_app, stella_replicator;

-- When the key last changed, by the clock of whoever changed it on MongoDB, by the server's here; null: before this was kept.
alter table cutover.register add column changed_at timestamptz(3);
alter table cutover.register alter column changed_at set default clock_timestamp();

-- What is pending and parked of each aggregate, and the age of the oldest of each in milliseconds.
create function cutover.pending_lag(
  p_module text, out aggregate text, out pending bigint, out parked bigint, out pending_ms double precision, out parked_ms double precision
) returns setof record
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select aggregate, count(*) filter (where refusal is null), count(*) filter (where refusal is not null),
    extract(epoch from clock_timestamp() - min(changed_at) filter (where refusal is null)) * 1000,
    extract(epoch from clock_timestamp() - min(changed_at) filter (where refusal is not null)) * 1000
  from cutover.register where module = p_module and pending group by aggregate
$$;

-- Deletes tombstones older than a time among the next p_look entries after a position (null: from the first); a unit of work of the epoch.
-- Only while this is the one database, and after all older applies were closed here: a late one would find nothing in the register to refuse it.
create function cutover.purge_tombstones(
  p_module text, p_epoch bigint, p_older_ms bigint, p_look integer,
  inout p_tenant text, inout p_aggregate text, inout p_id uuid, out purged bigint, out ended boolean
) language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  looked bigint;
begin
  perform cutover.enter(p_module, p_epoch);
  perform from cutover.stages s, cutover.apply_fence f
    where s.module = p_module and s.stage = 'postgres' and f.module = p_module and f.lowest >= p_epoch;
  if not found then
    raise exception 'tombstones of module % are purged only at stage postgres, after older applies were closed', p_module
      using errcode = '55000';
  end if;
  with seen as materialized (
    select ctid as at, tenant_id, aggregate, id, deleted and not pending
        and (changed_at is null or changed_at < clock_timestamp() - p_older_ms * interval '1 millisecond') as old
      from cutover.register
      where module = p_module and (tenant_id, module, aggregate, id) > (coalesce(p_tenant, ''), p_module, coalesce(p_aggregate, ''),
        coalesce(p_id, '00000000-0000-0000-0000-000000000000'::uuid))
      order by tenant_id, module, aggregate, id limit p_look
  ), gone as (
    -- The condition stands twice: a key that was created again since it was seen is judged anew.
    delete from cutover.register r where r.ctid = any(array(select at from seen where old)) and r.deleted and not r.pending
      returning 1
  )
  select (select count(*) from seen), (select count(*) from gone), l.tenant_id, l.aggregate, l.id
    into looked, purged, p_tenant, p_aggregate, p_id
    from (select 1) one left join lateral (
      select tenant_id, aggregate, id from seen order by tenant_id desc, aggregate desc, id desc limit 1) l on true;
  ended := looked < p_look;
end
$$;

-- The owner changes last: what another role owns cannot be revoked any more.
revoke execute on function cutover.pending_lag(text) from public;
grant execute on function cutover.pending_lag(text) to cutover_app, cutover_owner;
alter function cutover.pending_lag(text) owner to stella_replicator;
revoke execute on function cutover.purge_tombstones(text, bigint, bigint, integer, text, text, uuid) from public;
grant execute on function cutover.purge_tombstones(text, bigint, bigint, integer, text, text, uuid) to cutover_app, cutover_owner;
alter function cutover.purge_tombstones(text, bigint, bigint, integer, text, text, uuid) owner to stella_replicator;
