-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table vuln.advisories (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  advisory_key text collate "C" not null,
  primary_id text collate "C" not null,
  source_id uuid not null,
  title text collate "C" not null,
  summary text collate "C",
  details text collate "C",
  severity text collate "C" not null,
  published_at timestamp(3) with time zone,
  modified_at timestamp(3) with time zone not null,
  withdrawn_at timestamp(3) with time zone,
  content_hash text collate "C" not null,
  provenance jsonb not null,
  raw jsonb not null,
  search_words text[] collate "C" not null,
  search tsvector generated always as (array_to_tsvector(search_words)) stored,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_advisories PRIMARY KEY (tenant_id, id),
  constraint uq_advisories_advisory_key UNIQUE (tenant_id, advisory_key),
  constraint ck_advisories_severity CHECK ((severity = ANY (ARRAY['unknown'::text, 'none'::text, 'low'::text, 'medium'::text, 'high'::text, 'critical'::text])))
);

create table vuln.advisory_affected (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  ordinal integer not null,
  ecosystem text collate "C" not null,
  package text collate "C" not null,
  purl text collate "C",
  ranges jsonb not null,
  versions text[] collate "C" not null,
  fixed text[] collate "C" not null,
  constraint pk_advisory_affected PRIMARY KEY (tenant_id, advisory_id, ordinal),
  constraint fk_advisory_affected_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_aliases (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  scheme text collate "C" not null,
  value text collate "C" not null,
  constraint pk_advisory_aliases PRIMARY KEY (tenant_id, advisory_id, scheme, value),
  constraint fk_advisory_aliases_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_credits (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  ordinal integer not null,
  name text collate "C" not null,
  kind text collate "C",
  contact text[] collate "C" not null,
  constraint pk_advisory_credits PRIMARY KEY (tenant_id, advisory_id, ordinal),
  constraint fk_advisory_credits_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_cvss (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  ordinal integer not null,
  version text collate "C" not null,
  vector text collate "C" not null,
  base_score numeric(30,1),
  source text collate "C",
  constraint pk_advisory_cvss PRIMARY KEY (tenant_id, advisory_id, ordinal),
  constraint fk_advisory_cvss_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_references (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  ordinal integer not null,
  kind text collate "C" not null,
  url text collate "C" not null,
  constraint pk_advisory_references PRIMARY KEY (tenant_id, advisory_id, ordinal),
  constraint fk_advisory_references_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_snapshots (
  tenant_id text collate "C" not null,
  feed_snapshot_id uuid not null,
  advisory_key text collate "C" not null,
  content_hash text collate "C" not null,
  constraint pk_advisory_snapshots PRIMARY KEY (tenant_id, feed_snapshot_id, advisory_key),
  constraint fk_advisory_snapshots_feed_snapshots FOREIGN KEY (tenant_id, feed_snapshot_id) REFERENCES vuln.feed_snapshots(tenant_id, id) ON DELETE CASCADE
);

create table vuln.advisory_weaknesses (
  tenant_id text collate "C" not null,
  advisory_id uuid not null,
  cwe text collate "C" not null,
  constraint pk_advisory_weaknesses PRIMARY KEY (tenant_id, advisory_id, cwe),
  constraint fk_advisory_weaknesses_advisories FOREIGN KEY (tenant_id, advisory_id) REFERENCES vuln.advisories(tenant_id, id) ON DELETE CASCADE
);

create table vuln.feed_snapshots (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  source_id uuid not null,
  snapshot_key text collate "C" not null,
  taken_at timestamp(3) with time zone not null,
  sealed_at timestamp(3) with time zone,
  advisory_count bigint not null,
  checksum text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_feed_snapshots PRIMARY KEY (tenant_id, id),
  constraint uq_feed_snapshots_source_id_snapshot_key UNIQUE (tenant_id, source_id, snapshot_key)
);

create table vuln.kev_flags (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  cve text collate "C" not null,
  added_at timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone,
  ransomware_use text collate "C" not null,
  notes text collate "C",
  source text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_kev_flags PRIMARY KEY (tenant_id, id),
  constraint uq_kev_flags_cve UNIQUE (tenant_id, cve),
  constraint ck_kev_flags_ransomware_use CHECK ((ransomware_use = ANY (ARRAY['known'::text, 'unknown'::text])))
);

create table vuln.merge_events (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  advisory_key text collate "C" not null,
  before_hash text collate "C",
  after_hash text collate "C" not null,
  inputs jsonb not null,
  merged_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_merge_events PRIMARY KEY (tenant_id, id)
);

create table vuln.source_states (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  source_id uuid not null,
  cursor jsonb,
  last_success_at timestamp(3) with time zone,
  last_error text collate "C",
  failures bigint not null,
  backoff_until timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_source_states PRIMARY KEY (tenant_id, id),
  constraint uq_source_states_source_id UNIQUE (tenant_id, source_id)
);

create table vuln.sources (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  key text collate "C" not null,
  name text collate "C" not null,
  kind text collate "C" not null,
  url text collate "C",
  priority integer not null,
  enabled boolean not null,
  config jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_sources PRIMARY KEY (tenant_id, id),
  constraint uq_sources_key UNIQUE (tenant_id, key)
);

CREATE INDEX idx_advisories_modified_at ON vuln.advisories USING btree (tenant_id, modified_at, id);
CREATE INDEX idx_advisories_search ON vuln.advisories USING gin (search);

CREATE INDEX idx_advisory_affected_ecosystem_package ON vuln.advisory_affected USING btree (tenant_id, ecosystem, package, advisory_id);
CREATE INDEX idx_advisory_affected_purl ON vuln.advisory_affected USING btree (tenant_id, purl, advisory_id);

CREATE INDEX idx_advisory_aliases_scheme_value ON vuln.advisory_aliases USING btree (tenant_id, scheme, value, advisory_id);

CREATE INDEX idx_merge_events_advisory_key_merged_at ON vuln.merge_events USING btree (tenant_id, advisory_key, merged_at, id);

CREATE INDEX idx_sources_priority_key ON vuln.sources USING btree (tenant_id, priority, key);

alter table vuln.advisories enable row level security, force row level security;
alter table vuln.advisory_affected enable row level security, force row level security;
alter table vuln.advisory_aliases enable row level security, force row level security;
alter table vuln.advisory_credits enable row level security, force row level security;
alter table vuln.advisory_cvss enable row level security, force row level security;
alter table vuln.advisory_references enable row level security, force row level security;
alter table vuln.advisory_snapshots enable row level security, force row level security;
alter table vuln.advisory_weaknesses enable row level security, force row level security;
alter table vuln.feed_snapshots enable row level security, force row level security;
alter table vuln.kev_flags enable row level security, force row level security;
alter table vuln.merge_events enable row level security, force row level security;
alter table vuln.source_states enable row level security, force row level security;
alter table vuln.sources enable row level security, force row level security;

create policy advisories_delete on vuln.advisories for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisories_insert on vuln.advisories for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisories_select on vuln.advisories for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisories_update on vuln.advisories for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_affected_delete on vuln.advisory_affected for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_affected_insert on vuln.advisory_affected for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_affected_select on vuln.advisory_affected for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_affected_update on vuln.advisory_affected for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_aliases_delete on vuln.advisory_aliases for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_aliases_insert on vuln.advisory_aliases for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_aliases_select on vuln.advisory_aliases for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_aliases_update on vuln.advisory_aliases for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_credits_delete on vuln.advisory_credits for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_credits_insert on vuln.advisory_credits for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_credits_select on vuln.advisory_credits for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_credits_update on vuln.advisory_credits for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_cvss_delete on vuln.advisory_cvss for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_cvss_insert on vuln.advisory_cvss for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_cvss_select on vuln.advisory_cvss for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_cvss_update on vuln.advisory_cvss for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_references_delete on vuln.advisory_references for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_references_insert on vuln.advisory_references for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_references_select on vuln.advisory_references for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_references_update on vuln.advisory_references for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_snapshots_delete on vuln.advisory_snapshots for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_snapshots_insert on vuln.advisory_snapshots for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_snapshots_select on vuln.advisory_snapshots for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_snapshots_update on vuln.advisory_snapshots for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy advisory_weaknesses_delete on vuln.advisory_weaknesses for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_weaknesses_insert on vuln.advisory_weaknesses for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy advisory_weaknesses_select on vuln.advisory_weaknesses for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy advisory_weaknesses_update on vuln.advisory_weaknesses for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy feed_snapshots_delete on vuln.feed_snapshots for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy feed_snapshots_insert on vuln.feed_snapshots for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy feed_snapshots_select on vuln.feed_snapshots for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy feed_snapshots_update on vuln.feed_snapshots for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy kev_flags_delete on vuln.kev_flags for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy kev_flags_insert on vuln.kev_flags for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy kev_flags_select on vuln.kev_flags for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy kev_flags_update on vuln.kev_flags for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy merge_events_delete on vuln.merge_events for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy merge_events_insert on vuln.merge_events for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy merge_events_select on vuln.merge_events for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy merge_events_update on vuln.merge_events for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy source_states_delete on vuln.source_states for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy source_states_insert on vuln.source_states for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy source_states_select on vuln.source_states for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy source_states_update on vuln.source_states for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

create policy sources_delete on vuln.sources for delete using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy sources_insert on vuln.sources for insert with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));
create policy sources_select on vuln.sources for select using ((tenant_id = ANY (ARRAY[( SELECT vuln_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy sources_update on vuln.sources for update using ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT vuln_app.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE PROCEDURE vuln_app."freeze"(IN name text, IN field text, IN value text, IN reference text DEFAULT NULL::text, VARIADIC children text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on "vuln".%I for each row when (old.%I = %L and not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''vuln_owner'', ''usage'')) execute function "vuln_app".refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on "vuln".%I referencing %s for each statement when (not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''vuln_owner'', ''usage'')) execute function "vuln_app".refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $procedure$;
alter routine vuln_app."freeze"(text,text,text,text,text[]) owner to vuln_owner;

CREATE OR REPLACE FUNCTION vuln_app.no_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $function$;
alter routine vuln_app.no_tenant() owner to vuln_owner;
grant execute on routine vuln_app.no_tenant() to public;

CREATE OR REPLACE PROCEDURE vuln_app.protect(IN name text)
 LANGUAGE plpgsql
AS $procedure$
declare
  own constant text := 'tenant_id = (select vuln_app.require_current_tenant())';
begin
  execute format('alter table vuln.%I enable row level security', name);
  execute format('alter table vuln.%I force row level security', name);
  execute format('create policy %I on vuln.%I for select using (tenant_id = any (array[(select vuln_app.require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on vuln.%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on vuln.%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on vuln.%I for delete using (%s)', name || '_delete', name, own);
end $procedure$;
alter routine vuln_app.protect(text) owner to vuln_owner;

CREATE OR REPLACE FUNCTION vuln_app.refuse_change(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $function$;
alter routine vuln_app.refuse_change(text) owner to vuln_owner;
grant execute on routine vuln_app.refuse_change(text) to public;

CREATE OR REPLACE FUNCTION vuln_app.refuse_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform "vuln_app".refuse_change(tg_table_name);
  return null;
end $function$;
alter routine vuln_app.refuse_frozen() owner to vuln_owner;
grant execute on routine vuln_app.refuse_frozen() to public;

CREATE OR REPLACE FUNCTION vuln_app.refuse_of_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  touched text := format('select tenant_id, %I as id from changed', tg_argv[1]);
  frozen boolean;
begin
  if tg_op = 'UPDATE' then
    touched := touched || format(' union select tenant_id, %I from gone', tg_argv[1]);
  end if;
  for frozen in execute format(
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join "vuln".%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform "vuln_app".refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $function$;
alter routine vuln_app.refuse_of_frozen() owner to stella_replicator;
grant execute on routine vuln_app.refuse_of_frozen() to vuln_owner;

CREATE OR REPLACE FUNCTION vuln_app.require_current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), vuln_app.no_tenant())
$function$;
alter routine vuln_app.require_current_tenant() owner to vuln_owner;
grant execute on routine vuln_app.require_current_tenant() to public;
grant execute on routine vuln_app.require_current_tenant() to stella_replicator;
grant execute on routine vuln_app.require_current_tenant() to vuln_app;

CREATE OR REPLACE PROCEDURE vuln_app.retain(IN name text, IN by text, IN days integer)
 LANGUAGE plpgsql
AS $procedure$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function "vuln_app".%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  return query delete from "vuln".%1$I t where t.tenant_id = (select "vuln_app".require_current_tenant()) and t.id = any (array(
    select o.id from "vuln".%1$I o where o.tenant_id = (select "vuln_app".require_current_tenant()) and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function "vuln_app".%2$I(ids uuid[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  delete from "vuln".%1$I t where t.tenant_id = (select "vuln_app".require_current_tenant()) and t.id = any (ids) and t.%3$I < %4$s + interval '1 hour';
  if exists (select from "vuln".%1$I t where t.tenant_id = (select "vuln_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function "vuln_app".%I(timestamptz, integer), "vuln_app".%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function "vuln_app".%I(timestamptz, integer), "vuln_app".%I(uuid[]) to "vuln_app", stella_replicator', 'purge_' || name, 'bury_' || name);
end $procedure$;
alter routine vuln_app.retain(text,text,integer) owner to vuln_owner;

CREATE OR REPLACE FUNCTION vuln_app.search_advisories(query tsquery, after_at timestamp with time zone, after_id uuid, after_tenant text, row_limit integer)
 RETURNS TABLE(tenant_id text, id uuid)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare own constant text := vuln_app.require_current_tenant();
begin
  return query
    select a.tenant_id, a.id from vuln.advisories a
    where a.search @@ query and a.tenant_id in (own, '@global')
      and (a.modified_at, a.id, a.tenant_id) < (after_at, after_id, after_tenant)
    order by a.modified_at desc, a.id desc, a.tenant_id desc
    limit row_limit;
end $function$;
alter routine vuln_app.search_advisories(tsquery,timestamp with time zone,uuid,text,integer) owner to stella_replicator;
grant execute on routine vuln_app.search_advisories(tsquery,timestamp with time zone,uuid,text,integer) to vuln_app;

grant delete, insert, select, update on vuln.advisories to stella_replicator;
grant delete, insert, select, update on vuln.advisories to vuln_app;
grant delete, insert, select, update on vuln.advisory_affected to stella_replicator;
grant delete, insert, select, update on vuln.advisory_affected to vuln_app;
grant delete, insert, select, update on vuln.advisory_aliases to stella_replicator;
grant delete, insert, select, update on vuln.advisory_aliases to vuln_app;
grant delete, insert, select, update on vuln.advisory_credits to stella_replicator;
grant delete, insert, select, update on vuln.advisory_credits to vuln_app;
grant delete, insert, select, update on vuln.advisory_cvss to stella_replicator;
grant delete, insert, select, update on vuln.advisory_cvss to vuln_app;
grant delete, insert, select, update on vuln.advisory_references to stella_replicator;
grant delete, insert, select, update on vuln.advisory_references to vuln_app;
grant delete, insert, select, update on vuln.advisory_snapshots to stella_replicator;
grant delete, insert, select, update on vuln.advisory_snapshots to vuln_app;
grant delete, insert, select, update on vuln.advisory_weaknesses to stella_replicator;
grant delete, insert, select, update on vuln.advisory_weaknesses to vuln_app;
grant delete, insert, select, update on vuln.feed_snapshots to stella_replicator;
grant delete, insert, select, update on vuln.feed_snapshots to vuln_app;
grant delete, insert, select, update on vuln.kev_flags to stella_replicator;
grant delete, insert, select, update on vuln.kev_flags to vuln_app;
grant delete, insert, select, update on vuln.merge_events to stella_replicator;
grant insert, select on vuln.merge_events to vuln_app;
grant delete, insert, select, update on vuln.source_states to stella_replicator;
grant delete, insert, select, update on vuln.source_states to vuln_app;
grant delete, insert, select, update on vuln.sources to stella_replicator;
grant delete, insert, select, update on vuln.sources to vuln_app;
