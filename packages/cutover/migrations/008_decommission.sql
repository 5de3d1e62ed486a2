-- Modules that have left MongoDB: while the row is there, the stage stays "postgres", and services may run with that fixed word, without the
-- driver of MongoDB and without the fence.
create table cutover.fixed (
  module text collate "C" not null,
  epoch bigint not null,
  fixed_at timestamptz(3) not null default clock_timestamp(),
  fixed_by text not null,
  released_at timestamptz(3),
  constraint pk_fixed primary key (module)
);

-- Takes turns with the beginning of a change, which updates the same row of `stages`.
create function cutover.fix_stage(p_module text, p_epoch bigint, p_by text) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
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
$$;

create function cutover.release_stage(p_module text) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  update cutover.fixed set released_at = clock_timestamp() where module = p_module and released_at is null
$$;

-- Services on the fixed word look once a second whether it still holds; ten seconds after the release none of them serves any more.
create function cutover.hold_fixed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from cutover.fixed
      where module = new.module and (released_at is null or released_at > clock_timestamp() - interval '10 seconds')) then
    raise exception 'the stage of module % is fixed', new.module using errcode = 'ST005';
  end if;
  return new;
end
$$;

create trigger stages_fixed before update on cutover.stages
  for each row when (new.state = 'moving') execute function cutover.hold_fixed();

grant select on cutover.fixed to cutover_app, stella_replicator;
revoke execute on function cutover.fix_stage(text, bigint, text), cutover.release_stage(text), cutover.hold_fixed() from public;
grant execute on function cutover.fix_stage(text, bigint, text), cutover.release_stage(text) to stella_replicator;
