-- Who serves a module, and how a change of its stage reaches them without asking.

-- Told by each instance for itself, at the database that it reads from; `epoch` is the newest that it has acknowledged.
create table cutover.instances (
  module text collate "C" not null,
  instance text collate "C" not null,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamptz(3) not null,
  epoch bigint not null,
  seen_at timestamptz(3) not null default clock_timestamp(),
  constraint pk_instances primary key (module, instance)
);

create function cutover.sign_instance(
  p_module text, p_instance text, p_host text, p_pid integer, p_version text, p_started_at timestamptz, p_epoch bigint
) returns void language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into cutover.instances (module, instance, host, pid, version, started_at, epoch)
    values (p_module, p_instance, p_host, p_pid, p_version, p_started_at, p_epoch)
    on conflict (module, instance) do update set epoch = excluded.epoch, seen_at = clock_timestamp()
$$;

-- Whoever has given no sign for a day: nobody said goodbye for it.
create function cutover.forget_silent_instances(p_module text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from cutover.instances where module = p_module and seen_at < clock_timestamp() - interval '1 day'
$$;

create function cutover.forget_instance(p_module text, p_instance text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  delete from cutover.instances where module = p_module and instance = p_instance
$$;

-- Sent with the commit of the change. Only a hint: whoever gets it reads the record, and who misses it reads it a little later.
create function cutover.notify_stage() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_catalog.pg_notify('cutover_stage', new.module);
  return null;
end
$$;

create trigger stages_notify after insert or update on cutover.stages
  for each row execute function cutover.notify_stage();

grant select on cutover.instances to cutover_app, stella_replicator;
revoke execute on function cutover.sign_instance(text, text, text, integer, text, timestamptz, bigint),
  cutover.forget_instance(text, text), cutover.forget_silent_instances(text), cutover.notify_stage() from public;
grant execute on function cutover.sign_instance(text, text, text, integer, text, timestamptz, bigint),
  cutover.forget_instance(text, text), cutover.forget_silent_instances(text) to cutover_app, stella_replicator;
