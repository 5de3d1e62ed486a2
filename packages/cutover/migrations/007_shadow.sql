-- What reads at both databases have shown, told by each instance for itself, per stay at a stage: guards of a move ask for it.

create table cutover.shadow (
  module text collate "C" not null,
  epoch bigint not null,
  instance text collate "C" not null,
  sampled bigint not null,
  agreed bigint not null,
  lagged bigint not null,
  differed bigint not null,
  failed bigint not null,
  told_at timestamptz(3) not null default clock_timestamp(),
  constraint pk_shadow primary key (module, epoch, instance)
);

-- An instance tells its totals, not what came to them, so that it may tell them twice. They never fall: a row that differed is not untold.
create function cutover.tell_shadow(
  p_module text, p_epoch bigint, p_instance text, p_sampled bigint, p_agreed bigint, p_lagged bigint, p_differed bigint, p_failed bigint
) returns void language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  insert into cutover.shadow as told (module, epoch, instance, sampled, agreed, lagged, differed, failed)
    values (p_module, p_epoch, p_instance, p_sampled, p_agreed, p_lagged, p_differed, p_failed)
    on conflict (module, epoch, instance) do update set
      sampled = greatest(told.sampled, excluded.sampled), agreed = greatest(told.agreed, excluded.agreed),
      lagged = greatest(told.lagged, excluded.lagged), differed = greatest(told.differed, excluded.differed),
      failed = greatest(told.failed, excluded.failed), told_at = excluded.told_at;
  delete from cutover.shadow where module = p_module and epoch < p_epoch - 100
$$;

grant select on cutover.shadow to cutover_app, stella_replicator;
revoke execute on function cutover.tell_shadow(text, bigint, text, bigint, bigint, bigint, bigint, bigint) from public;
grant execute on function cutover.tell_shadow(text, bigint, text, bigint, bigint, bigint, bigint, bigint) to cutover_app, stella_replicator;
