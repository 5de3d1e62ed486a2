-- The stage record, its fence and leases, and the register of changed keys, for every module of this database.
-- Runs as cutover_owner in schema `cutover`. cutover_app is the group of all services, stella_replicator copies for all tenants.

-- PostgreSQL's copy of each module's stage record (the other copy is in MongoDB). Written only through compare_and_set.
create table cutover.stages (
  module text collate "C" not null,
  state text collate "C" not null,
  epoch bigint not null,
  stage text collate "C" not null,
  target text collate "C",
  generation bigint not null,
  generations bigint[] not null,
  changed_at timestamptz(3) not null default clock_timestamp(),
  changed_by text not null,
  reason text not null,
  evidence jsonb not null,
  constraint pk_stages primary key (module),
  constraint ck_stages_state check (state in ('ready', 'opening', 'settled', 'moving', 'moved')),
  constraint ck_stages_stage check (stage in ('mongo', 'dual-write', 'shadow', 'live', 'ramp-down', 'postgres')),
  constraint ck_stages_target check (target in ('mongo', 'dual-write', 'shadow', 'live', 'ramp-down', 'postgres'))
);

create table cutover.stage_history (
  module text collate "C" not null,
  epoch bigint not null,
  state text collate "C" not null,
  stage text collate "C" not null,
  target text collate "C",
  generation bigint not null,
  changed_at timestamptz(3) not null,
  changed_by text not null,
  reason text not null,
  evidence jsonb not null,
  constraint pk_stage_history primary key (module, epoch, state)
);

-- Who may answer reads without entering the fence, and until when by this database's clock.
create table cutover.leases (
  module text collate "C" not null,
  instance text collate "C" not null,
  epoch bigint not null,
  until timestamptz(3) not null,
  constraint pk_leases primary key (module, instance)
);

-- Applies begun under a generation below `lowest` are refused. No row: nothing was closed yet.
create table cutover.apply_fence (
  module text collate "C" not null,
  lowest bigint not null,
  constraint pk_apply_fence primary key (module)
);

-- Durable cursors of the backfill, per generation, so that a new generation begins anew.
create table cutover.backfill (
  module text collate "C" not null,
  generation bigint not null,
  aggregate text collate "C" not null,
  direction text collate "C" not null,
  cursor jsonb,
  done boolean not null default false,
  copied bigint not null default 0,
  updated_at timestamptz(3) not null default clock_timestamp(),
  constraint pk_backfill primary key (module, generation, aggregate),
  constraint ck_backfill_direction check (direction in ('mongo-to-postgres', 'postgres-to-mongo'))
);

create table cutover.replication (
  module text collate "C" not null,
  generation bigint not null,
  backfilled_at timestamptz(3),
  swept_at timestamptz(3),
  constraint pk_replication primary key (module, generation)
);

-- One row per key, also of deleted ones: change log of the primary, tombstone and guard on both sides.
create table cutover.register (
  tenant_id text collate "C" not null,
  module text collate "C" not null,
  aggregate text collate "C" not null,
  id uuid not null,
  generation bigint not null,
  revision bigint not null,
  deleted boolean not null,
  pending boolean not null,
  -- Why the other database refused it: the key is parked, it blocks guards and no caller, until it is written again or repaired.
  refusal text,
  constraint pk_register primary key (tenant_id, module, aggregate, id)
);
-- lint: allow tenant-first: the replicator asks for what is pending of a module, whichever the tenant
create index idx_register_pending on cutover.register (module, tenant_id, aggregate, id) where pending;

-- Raises on unset and on '', which is what a committed transaction-local setting leaves behind.
create function cutover.require_current_tenant() returns text language plpgsql stable parallel safe as $$
declare
  tenant text := current_setting('app.tenant_id', true);
begin
  if tenant is null or tenant = '' then
    raise exception 'no tenant is set; run the statement in a tenant scope' using errcode = '42501';
  end if;
  return tenant;
end
$$;

alter table cutover.register enable row level security;
alter table cutover.register force row level security;
create policy register_select on cutover.register for select
  using (tenant_id = any (array[(select cutover.require_current_tenant()), '@global']));
create policy register_insert on cutover.register for insert
  with check (tenant_id = (select cutover.require_current_tenant()));
create policy register_update on cutover.register for update
  using (tenant_id = (select cutover.require_current_tenant()))
  with check (tenant_id = (select cutover.require_current_tenant()));
create policy register_delete on cutover.register for delete
  using (tenant_id = (select cutover.require_current_tenant()));

create function cutover.epoch_lock(p_module text) returns bigint language sql immutable parallel safe
  return pg_catalog.hashtextextended('cutover.epoch/' || p_module, 0);
create function cutover.apply_lock(p_module text) returns bigint language sql immutable parallel safe
  return pg_catalog.hashtextextended('cutover.apply/' || p_module, 0);

-- At a stricter level the snapshot is older than the lock, and the check below would read the past.
create function cutover.require_read_committed() returns void language plpgsql stable as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a fenced unit of work must run at READ COMMITTED, not at %', current_setting('transaction_isolation')
      using errcode = 'ST003';
  end if;
end
$$;

-- The door of a unit of work: first the shared lock, then the look at the row, each with its own snapshot (VOLATILE plpgsql).
-- One statement for both, a CTE, a STABLE function, or the look before the lock would let stale writes commit.
create function cutover.enter(p_module text, p_epoch bigint) returns void language plpgsql volatile
  set lock_timeout = '200ms' as $$
begin
  perform cutover.require_read_committed();
  perform pg_catalog.pg_advisory_xact_lock_shared(cutover.epoch_lock(p_module));
  perform from cutover.stages where module = p_module and state = 'settled' and epoch = p_epoch;
  if not found then
    raise exception 'epoch % of module % is over; learn the stage anew and run the whole unit again', p_epoch, p_module
      using errcode = 'ST001';
  end if;
end
$$;

-- Waits until no unit of work is in flight: 200 ms at a time, so that callers never queue behind a long unit.
create function cutover.await_units(p_module text) returns void language plpgsql volatile
  set lock_timeout = '200ms' as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(cutover.epoch_lock(p_module));
end
$$;

-- The door of an apply or a backfill transaction at the database it writes to; built as `enter` is.
create function cutover.enter_apply(p_module text, p_generation bigint) returns void language plpgsql volatile
  set lock_timeout = '200ms' as $$
begin
  perform cutover.require_read_committed();
  perform pg_catalog.pg_advisory_xact_lock_shared(cutover.apply_lock(p_module));
  perform from cutover.apply_fence where module = p_module and lowest > p_generation;
  if found then
    raise exception 'applies of generation % of module % are over; learn the stage anew', p_generation, p_module
      using errcode = 'ST002';
  end if;
end
$$;

-- Refuses applies of generations below p_below for ever, after those in flight have ended.
create function cutover.close_applies(p_module text, p_below bigint) returns void language plpgsql volatile
  security definer set search_path = pg_catalog, pg_temp set lock_timeout = '200ms' as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(cutover.apply_lock(p_module));
  insert into cutover.apply_fence as fence (module, lowest) values (p_module, p_below)
    on conflict (module) do update set lowest = excluded.lowest where fence.lowest < excluded.lowest;
end
$$;

-- The only writer of stage rows: replaces the row only while it is at the exact state and epoch named (null: while there is none).
create function cutover.compare_and_set(
  p_module text, p_from_state text, p_from_epoch bigint,
  p_state text, p_epoch bigint, p_stage text, p_target text, p_generation bigint, p_generations bigint[],
  p_by text, p_reason text, p_evidence jsonb
) returns boolean language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  changed cutover.stages;
begin
  if p_from_state is null then
    insert into cutover.stages (module, state, epoch, stage, target, generation, generations, changed_by, reason, evidence)
      values (p_module, p_state, p_epoch, p_stage, p_target, p_generation, p_generations, p_by, p_reason, p_evidence)
      on conflict (module) do nothing returning * into changed;
  else
    update cutover.stages set state = p_state, epoch = p_epoch, stage = p_stage, target = p_target,
        generation = p_generation, generations = p_generations, changed_at = clock_timestamp(), changed_by = p_by,
        reason = p_reason, evidence = p_evidence
      where module = p_module and state = p_from_state and epoch = p_from_epoch
        and (p_epoch > epoch
          or p_epoch = epoch and array_position(array['ready', 'opening', 'settled', 'moving', 'moved'], p_state)
            > array_position(array['ready', 'opening', 'settled', 'moving', 'moved'], state))
      returning * into changed;
  end if;
  if not found then
    return false;
  end if;
  insert into cutover.stage_history (module, epoch, state, stage, target, generation, changed_at, changed_by, reason, evidence)
    values (changed.module, changed.epoch, changed.state, changed.stage, changed.target, changed.generation,
      changed.changed_at, changed.changed_by, changed.reason, changed.evidence);
  return true;
end
$$;

-- A lease is granted by a unit of work of its epoch: the change that ends the epoch waits for it, and then sees it.
create function cutover.lease(p_module text, p_epoch bigint, p_instance text, p_milliseconds bigint) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform cutover.enter(p_module, p_epoch);
  insert into cutover.leases (module, instance, epoch, until)
    values (p_module, p_instance, p_epoch, clock_timestamp() + p_milliseconds * interval '1 millisecond')
    on conflict (module, instance) do update set epoch = excluded.epoch, until = excluded.until;
end
$$;

create function cutover.acknowledge(p_module text, p_instance text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from cutover.leases where module = p_module and instance = p_instance
$$;

grant usage on schema cutover to cutover_app, stella_replicator;
grant select on cutover.stages, cutover.stage_history, cutover.leases, cutover.apply_fence, cutover.backfill, cutover.replication
  to cutover_app, stella_replicator;
grant insert, update, delete on cutover.backfill, cutover.replication to stella_replicator;
grant select, insert, update on cutover.register to cutover_app, stella_replicator;
grant delete on cutover.register to stella_replicator;
revoke execute on all functions in schema cutover from public;
grant execute on all functions in schema cutover to cutover_app, stella_replicator;
