-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table cutover.apply_fence (
  module text collate "C" not null,
  lowest bigint not null,
  constraint pk_apply_fence PRIMARY KEY (module)
);

create table cutover.backfill (
  module text collate "C" not null,
  generation bigint not null,
  aggregate text collate "C" not null,
  direction text collate "C" not null,
  cursor jsonb,
  done boolean default false not null,
  copied bigint default 0 not null,
  updated_at timestamp(3) with time zone default clock_timestamp() not null,
  constraint pk_backfill PRIMARY KEY (module, generation, aggregate),
  constraint ck_backfill_direction CHECK ((direction = ANY (ARRAY['mongo-to-postgres'::text, 'postgres-to-mongo'::text])))
);

create table cutover.backfill_items (
  module text collate "C" not null,
  generation bigint not null,
  aggregate text collate "C" not null,
  item integer not null,
  first_key jsonb,
  last_key jsonb,
  cursor jsonb,
  estimate bigint not null,
  copied bigint default 0 not null,
  rate real default 0 not null,
  done boolean default false not null,
  worker text,
  until timestamp(3) with time zone,
  token bigint default 0 not null,
  updated_at timestamp(3) with time zone default clock_timestamp() not null,
  constraint pk_backfill_items PRIMARY KEY (module, generation, aggregate, item)
);

create table cutover.comparisons (
  module text collate "C" not null,
  sha256 text collate "C" not null,
  finished_at timestamp(3) with time zone not null,
  epoch bigint not null,
  generation bigint not null,
  findings bigint not null,
  receipt text not null,
  constraint pk_comparisons PRIMARY KEY (module, sha256)
);

create table cutover.fixed (
  module text collate "C" not null,
  epoch bigint not null,
  fixed_at timestamp(3) with time zone default clock_timestamp() not null,
  fixed_by text not null,
  released_at timestamp(3) with time zone,
  constraint pk_fixed PRIMARY KEY (module)
);

create table cutover.instances (
  module text collate "C" not null,
  instance text collate "C" not null,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamp(3) with time zone not null,
  epoch bigint not null,
  seen_at timestamp(3) with time zone default clock_timestamp() not null,
  constraint pk_instances PRIMARY KEY (module, instance)
);

create table cutover.leases (
  module text collate "C" not null,
  instance text collate "C" not null,
  epoch bigint not null,
  until timestamp(3) with time zone not null,
  constraint pk_leases PRIMARY KEY (module, instance)
);

create table cutover.register (
  tenant_id text collate "C" not null,
  module text collate "C" not null,
  aggregate text collate "C" not null,
  id uuid not null,
  generation bigint not null,
  revision bigint not null,
  deleted boolean not null,
  pending boolean not null,
  refusal text,
  changed_at timestamp(3) with time zone default clock_timestamp(),
  constraint pk_register PRIMARY KEY (tenant_id, module, aggregate, id)
);

create table cutover.replication (
  module text collate "C" not null,
  generation bigint not null,
  backfilled_at timestamp(3) with time zone,
  swept_at timestamp(3) with time zone,
  planned_at timestamp(3) with time zone,
  paused_at timestamp(3) with time zone,
  paused_by text,
  constraint pk_replication PRIMARY KEY (module, generation)
);

create table cutover.shadow (
  module text collate "C" not null,
  epoch bigint not null,
  instance text collate "C" not null,
  sampled bigint not null,
  agreed bigint not null,
  lagged bigint not null,
  differed bigint not null,
  failed bigint not null,
  told_at timestamp(3) with time zone default clock_timestamp() not null,
  constraint pk_shadow PRIMARY KEY (module, epoch, instance)
);

create table cutover.stage_history (
  module text collate "C" not null,
  epoch bigint not null,
  state text collate "C" not null,
  stage text collate "C" not null,
  target text collate "C",
  generation bigint not null,
  changed_at timestamp(3) with time zone not null,
  changed_by text not null,
  reason text not null,
  evidence jsonb not null,
  constraint pk_stage_history PRIMARY KEY (module, epoch, state)
);

create table cutover.stages (
  module text collate "C" not null,
  state text collate "C" not null,
  epoch bigint not null,
  stage text collate "C" not null,
  target text collate "C",
  generation bigint not null,
  generations bigint[] not null,
  changed_at timestamp(3) with time zone default clock_timestamp() not null,
  changed_by text not null,
  reason text not null,
  evidence jsonb not null,
  constraint pk_stages PRIMARY KEY (module),
  constraint ck_stages_stage CHECK ((stage = ANY (ARRAY['mongo'::text, 'dual-write'::text, 'shadow'::text, 'live'::text, 'ramp-down'::text, 'postgres'::text]))),
  constraint ck_stages_state CHECK ((state = ANY (ARRAY['ready'::text, 'opening'::text, 'settled'::text, 'moving'::text, 'moved'::text]))),
  constraint ck_stages_target CHECK ((target = ANY (ARRAY['mongo'::text, 'dual-write'::text, 'shadow'::text, 'live'::text, 'ramp-down'::text, 'postgres'::text])))
);

create table cutover.work_leases (
  module text collate "C" not null,
  work text collate "C" not null,
  holder text not null,
  until timestamp(3) with time zone not null,
  constraint pk_work_leases PRIMARY KEY (module, work)
);

CREATE INDEX idx_register_pending ON cutover.register USING btree (module, tenant_id, aggregate, id) WHERE pending;

alter table cutover.register enable row level security, force row level security;

create policy register_delete on cutover.register for delete using ((tenant_id = ( SELECT cutover.require_current_tenant() AS require_current_tenant)));
create policy register_insert on cutover.register for insert with check ((tenant_id = ( SELECT cutover.require_current_tenant() AS require_current_tenant)));
create policy register_select on cutover.register for select using ((tenant_id = ANY (ARRAY[( SELECT cutover.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy register_update on cutover.register for update using ((tenant_id = ( SELECT cutover.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT cutover.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE FUNCTION cutover.acknowledge(p_module text, p_instance text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  delete from cutover.leases where module = p_module and instance = p_instance
$function$;
alter routine cutover.acknowledge(text,text) owner to cutover_owner;
grant execute on routine cutover.acknowledge(text,text) to cutover_app;
grant execute on routine cutover.acknowledge(text,text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.apply_lock(p_module text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(('cutover.apply/'::text || p_module), (0)::bigint);
alter routine cutover.apply_lock(text) owner to cutover_owner;
grant execute on routine cutover.apply_lock(text) to cutover_app;
grant execute on routine cutover.apply_lock(text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.await_units(p_module text)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '200ms'
AS $function$
begin
  perform pg_catalog.pg_advisory_xact_lock(cutover.epoch_lock(p_module));
end
$function$;
alter routine cutover.await_units(text) owner to cutover_owner;
grant execute on routine cutover.await_units(text) to cutover_app;
grant execute on routine cutover.await_units(text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.close_applies(p_module text, p_below bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '200ms'
AS $function$
begin
  perform pg_catalog.pg_advisory_xact_lock(cutover.apply_lock(p_module));
  insert into cutover.apply_fence as fence (module, lowest) values (p_module, p_below)
    on conflict (module) do update set lowest = excluded.lowest where fence.lowest < excluded.lowest;
end
$function$;
alter routine cutover.close_applies(text,bigint) owner to cutover_owner;
grant execute on routine cutover.close_applies(text,bigint) to cutover_app;
grant execute on routine cutover.close_applies(text,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.compare_and_set(p_module text, p_from_state text, p_from_epoch bigint, p_state text, p_epoch bigint, p_stage text, p_target text, p_generation bigint, p_generations bigint[], p_by text, p_reason text, p_evidence jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
alter routine cutover.compare_and_set(text,text,bigint,text,bigint,text,text,bigint,bigint[],text,text,jsonb) owner to cutover_owner;
grant execute on routine cutover.compare_and_set(text,text,bigint,text,bigint,text,text,bigint,bigint[],text,text,jsonb) to cutover_app;
grant execute on routine cutover.compare_and_set(text,text,bigint,text,bigint,text,text,bigint,bigint[],text,text,jsonb) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.enter(p_module text, p_epoch bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '200ms'
AS $function$
begin
  perform cutover.require_read_committed();
  perform pg_catalog.pg_advisory_xact_lock_shared(cutover.epoch_lock(p_module));
  perform from cutover.stages where module = p_module and state = 'settled' and epoch = p_epoch;
  if not found then
    raise exception 'epoch % of module % is over; learn the stage anew and run the whole unit again', p_epoch, p_module
      using errcode = 'ST001';
  end if;
end
$function$;
alter routine cutover.enter(text,bigint) owner to cutover_owner;
grant execute on routine cutover.enter(text,bigint) to cutover_app;
grant execute on routine cutover.enter(text,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.enter_apply(p_module text, p_generation bigint)
 RETURNS void
 LANGUAGE plpgsql
 SET lock_timeout TO '200ms'
AS $function$
begin
  perform cutover.require_read_committed();
  perform pg_catalog.pg_advisory_xact_lock_shared(cutover.apply_lock(p_module));
  perform from cutover.apply_fence where module = p_module and lowest > p_generation;
  if found then
    raise exception 'applies of generation % of module % are over; learn the stage anew', p_generation, p_module
      using errcode = 'ST002';
  end if;
end
$function$;
alter routine cutover.enter_apply(text,bigint) owner to cutover_owner;
grant execute on routine cutover.enter_apply(text,bigint) to cutover_app;
grant execute on routine cutover.enter_apply(text,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.epoch_lock(p_module text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(('cutover.epoch/'::text || p_module), (0)::bigint);
alter routine cutover.epoch_lock(text) owner to cutover_owner;
grant execute on routine cutover.epoch_lock(text) to cutover_app;
grant execute on routine cutover.epoch_lock(text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.fix_stage(p_module text, p_epoch bigint, p_by text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform from cutover.stages
    where module = p_module and state = 'settled' and stage = 'postgres' and epoch = p_epoch for update;
  if not found then
    return false;
  end if;
  insert into cutover.fixed as f (module, epoch, fixed_by) values (p_module, p_epoch, p_by)
    on conflict (module) do update set epoch = excluded.epoch, fixed_at = clock_timestamp(), fixed_by = excluded.fixed_by, released_at = null
    where f.released_at is not null or f.epoch <> excluded.epoch;
  return true;
end
$function$;
alter routine cutover.fix_stage(text,bigint,text) owner to cutover_owner;
grant execute on routine cutover.fix_stage(text,bigint,text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.forget_instance(p_module text, p_instance text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  delete from cutover.instances where module = p_module and instance = p_instance
$function$;
alter routine cutover.forget_instance(text,text) owner to cutover_owner;
grant execute on routine cutover.forget_instance(text,text) to cutover_app;
grant execute on routine cutover.forget_instance(text,text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.forget_silent_instances(p_module text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  delete from cutover.instances where module = p_module and seen_at < clock_timestamp() - interval '1 day'
$function$;
alter routine cutover.forget_silent_instances(text) owner to cutover_owner;
grant execute on routine cutover.forget_silent_instances(text) to cutover_app;
grant execute on routine cutover.forget_silent_instances(text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.hold_fixed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if exists (select from cutover.fixed
      where module = new.module and (released_at is null or released_at > clock_timestamp() - interval '10 seconds')) then
    raise exception 'the stage of module % is fixed', new.module using errcode = 'ST005';
  end if;
  return new;
end
$function$;
alter routine cutover.hold_fixed() owner to cutover_owner;

CREATE OR REPLACE FUNCTION cutover.hold_work(p_module text, p_work text, p_holder text, p_milliseconds bigint)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with held as (
    insert into cutover.work_leases as l (module, work, holder, until)
      values (p_module, p_work, p_holder, clock_timestamp() + p_milliseconds * interval '1 millisecond')
      on conflict (module, work) do update set holder = excluded.holder, until = excluded.until
        where l.holder = excluded.holder or l.until < clock_timestamp()
      returning 1
  )
  select count(*) > 0 from held
$function$;
alter routine cutover.hold_work(text,text,text,bigint) owner to cutover_owner;
grant execute on routine cutover.hold_work(text,text,text,bigint) to cutover_app;
grant execute on routine cutover.hold_work(text,text,text,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.lease(p_module text, p_epoch bigint, p_instance text, p_milliseconds bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform cutover.enter(p_module, p_epoch);
  insert into cutover.leases (module, instance, epoch, until)
    values (p_module, p_instance, p_epoch, clock_timestamp() + p_milliseconds * interval '1 millisecond')
    on conflict (module, instance) do update set epoch = excluded.epoch, until = excluded.until;
end
$function$;
alter routine cutover.lease(text,bigint,text,bigint) owner to cutover_owner;
grant execute on routine cutover.lease(text,bigint,text,bigint) to cutover_app;
grant execute on routine cutover.lease(text,bigint,text,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.notify_stage()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform pg_catalog.pg_notify('cutover_stage', new.module);
  return null;
end
$function$;
alter routine cutover.notify_stage() owner to cutover_owner;

CREATE OR REPLACE FUNCTION cutover.pending_count(p_module text, OUT pending bigint, OUT parked bigint)
 RETURNS record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select count(*) filter (where refusal is null), count(*) filter (where refusal is not null)
  from cutover.register where module = p_module and pending
$function$;
alter routine cutover.pending_count(text) owner to stella_replicator;
grant execute on routine cutover.pending_count(text) to cutover_app;

CREATE OR REPLACE FUNCTION cutover.pending_lag(p_module text, OUT aggregate text, OUT pending bigint, OUT parked bigint, OUT pending_ms double precision, OUT parked_ms double precision)
 RETURNS SETOF record
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select aggregate, count(*) filter (where refusal is null), count(*) filter (where refusal is not null),
    extract(epoch from clock_timestamp() - min(changed_at) filter (where refusal is null)) * 1000,
    extract(epoch from clock_timestamp() - min(changed_at) filter (where refusal is not null)) * 1000
  from cutover.register where module = p_module and pending group by aggregate
$function$;
alter routine cutover.pending_lag(text) owner to stella_replicator;
grant execute on routine cutover.pending_lag(text) to cutover_app;

CREATE OR REPLACE FUNCTION cutover.pending_tenants(p_module text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select distinct tenant_id from cutover.register where module = p_module and pending and refusal is null
$function$;
alter routine cutover.pending_tenants(text) owner to stella_replicator;
grant execute on routine cutover.pending_tenants(text) to cutover_app;

CREATE OR REPLACE FUNCTION cutover.purge_tombstones(p_module text, p_epoch bigint, p_older_ms bigint, p_look integer, INOUT p_tenant text, INOUT p_aggregate text, INOUT p_id uuid, OUT purged bigint, OUT ended boolean)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
alter routine cutover.purge_tombstones(text,bigint,bigint,integer,text,text,uuid) owner to stella_replicator;
grant execute on routine cutover.purge_tombstones(text,bigint,bigint,integer,text,text,uuid) to cutover_app;

CREATE OR REPLACE FUNCTION cutover.release_stage(p_module text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  update cutover.fixed set released_at = clock_timestamp() where module = p_module and released_at is null
$function$;
alter routine cutover.release_stage(text) owner to cutover_owner;
grant execute on routine cutover.release_stage(text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.release_work(p_module text, p_work text, p_holder text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  delete from cutover.work_leases where module = p_module and work = p_work and holder = p_holder
$function$;
alter routine cutover.release_work(text,text,text) owner to cutover_owner;
grant execute on routine cutover.release_work(text,text,text) to cutover_app;
grant execute on routine cutover.release_work(text,text,text) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.require_current_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
declare
  tenant text := current_setting('app.tenant_id', true);
begin
  if tenant is null or tenant = '' then
    raise exception 'no tenant is set; run the statement in a tenant scope' using errcode = '42501';
  end if;
  return tenant;
end
$function$;
alter routine cutover.require_current_tenant() owner to cutover_owner;
grant execute on routine cutover.require_current_tenant() to cutover_app;
grant execute on routine cutover.require_current_tenant() to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.require_read_committed()
 RETURNS void
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a fenced unit of work must run at READ COMMITTED, not at %', current_setting('transaction_isolation')
      using errcode = 'ST003';
  end if;
end
$function$;
alter routine cutover.require_read_committed() owner to cutover_owner;
grant execute on routine cutover.require_read_committed() to cutover_app;
grant execute on routine cutover.require_read_committed() to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.sign_instance(p_module text, p_instance text, p_host text, p_pid integer, p_version text, p_started_at timestamp with time zone, p_epoch bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  insert into cutover.instances (module, instance, host, pid, version, started_at, epoch)
    values (p_module, p_instance, p_host, p_pid, p_version, p_started_at, p_epoch)
    on conflict (module, instance) do update set epoch = excluded.epoch, seen_at = clock_timestamp()
$function$;
alter routine cutover.sign_instance(text,text,text,integer,text,timestamp with time zone,bigint) owner to cutover_owner;
grant execute on routine cutover.sign_instance(text,text,text,integer,text,timestamp with time zone,bigint) to cutover_app;
grant execute on routine cutover.sign_instance(text,text,text,integer,text,timestamp with time zone,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.tell_shadow(p_module text, p_epoch bigint, p_instance text, p_sampled bigint, p_agreed bigint, p_lagged bigint, p_differed bigint, p_failed bigint)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  insert into cutover.shadow as told (module, epoch, instance, sampled, agreed, lagged, differed, failed)
    values (p_module, p_epoch, p_instance, p_sampled, p_agreed, p_lagged, p_differed, p_failed)
    on conflict (module, epoch, instance) do update set
      sampled = greatest(told.sampled, excluded.sampled), agreed = greatest(told.agreed, excluded.agreed),
      lagged = greatest(told.lagged, excluded.lagged), differed = greatest(told.differed, excluded.differed),
      failed = greatest(told.failed, excluded.failed), told_at = excluded.told_at;
  delete from cutover.shadow where module = p_module and epoch < p_epoch - 100
$function$;
alter routine cutover.tell_shadow(text,bigint,text,bigint,bigint,bigint,bigint,bigint) owner to cutover_owner;
grant execute on routine cutover.tell_shadow(text,bigint,text,bigint,bigint,bigint,bigint,bigint) to cutover_app;
grant execute on routine cutover.tell_shadow(text,bigint,text,bigint,bigint,bigint,bigint,bigint) to stella_replicator;

CREATE OR REPLACE FUNCTION cutover.unpark(p_module text)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with unparked as (
    update cutover.register set refusal = null where module = p_module and pending and refusal is not null returning 1
  )
  select count(*) from unparked
$function$;
alter routine cutover.unpark(text) owner to stella_replicator;
grant execute on routine cutover.unpark(text) to cutover_app;

grant select on cutover.apply_fence to cutover_app;
grant select on cutover.apply_fence to stella_replicator;
grant select on cutover.backfill to cutover_app;
grant delete, insert, select, update on cutover.backfill to stella_replicator;
grant select on cutover.backfill_items to cutover_app;
grant delete, insert, select, update on cutover.backfill_items to stella_replicator;
grant delete, insert, select on cutover.comparisons to stella_replicator;
grant select on cutover.fixed to cutover_app;
grant select on cutover.fixed to stella_replicator;
grant select on cutover.instances to cutover_app;
grant select on cutover.instances to stella_replicator;
grant select on cutover.leases to cutover_app;
grant select on cutover.leases to stella_replicator;
grant insert, select, update on cutover.register to cutover_app;
grant delete, insert, select, update on cutover.register to stella_replicator;
grant select on cutover.replication to cutover_app;
grant delete, insert, select, update on cutover.replication to stella_replicator;
grant select on cutover.shadow to cutover_app;
grant select on cutover.shadow to stella_replicator;
grant select on cutover.stage_history to cutover_app;
grant select on cutover.stage_history to stella_replicator;
grant select on cutover.stages to cutover_app;
grant select on cutover.stages to stella_replicator;
grant select on cutover.work_leases to cutover_app;
grant select on cutover.work_leases to stella_replicator;
