-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table policy.audit (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  target_kind text collate "C" not null,
  target_id text collate "C" not null,
  details jsonb not null,
  occurred_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_audit PRIMARY KEY (tenant_id, id)
);

create table policy.evaluation_runs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  pack_version text collate "C" not null,
  sbom_digest text collate "C" not null,
  feed_snapshot text collate "C" not null,
  vex_cursor text collate "C",
  state text collate "C" not null,
  started_at timestamp(3) with time zone not null,
  finished_at timestamp(3) with time zone,
  passed bigint not null,
  warned bigint not null,
  blocked bigint not null,
  ignored bigint not null,
  error text collate "C",
  determinism_hash text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_evaluation_runs PRIMARY KEY (tenant_id, id),
  constraint ck_evaluation_runs_state CHECK ((state = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);

create table policy.exceptions (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  exception_id text collate "C" not null,
  type text collate "C" not null,
  effect text collate "C" not null,
  scope jsonb not null,
  vulnerability text collate "C" not null,
  justification text collate "C" not null,
  owner text collate "C" not null,
  evidence text[] collate "C" not null,
  status text collate "C" not null,
  effective_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  approvals jsonb not null,
  revoked_at timestamp(3) with time zone,
  revoked_by text collate "C",
  revoked_reason text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_exceptions PRIMARY KEY (tenant_id, id),
  constraint uq_exceptions_exception_id UNIQUE (tenant_id, exception_id),
  constraint ck_exceptions_effect CHECK ((effect = ANY (ARRAY['suppress'::text, 'defer'::text, 'downgrade'::text, 'require_control'::text]))),
  constraint ck_exceptions_justification_length CHECK ((char_length(justification) >= 10)),
  constraint ck_exceptions_status CHECK ((status = ANY (ARRAY['draft'::text, 'staged'::text, 'active'::text, 'revoked'::text, 'expired'::text]))),
  constraint ck_exceptions_type CHECK ((type = ANY (ARRAY['vulnerability'::text, 'policy'::text, 'unknown'::text, 'component'::text]))),
  constraint ck_exceptions_window CHECK ((expires_at > effective_at))
);

create table policy.explanations (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  run_id uuid not null,
  ordinal bigint not null,
  component text collate "C" not null,
  advisory_key text collate "C",
  rule_key text collate "C" not null,
  verdict text collate "C" not null,
  trace jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_explanations PRIMARY KEY (tenant_id, id),
  constraint ck_explanations_verdict CHECK ((verdict = ANY (ARRAY['pass'::text, 'warn'::text, 'block'::text, 'ignore'::text])))
);

create table policy.pack_versions (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  pack_id uuid not null,
  version text collate "C" not null,
  status text collate "C" not null,
  content_hash text collate "C" not null,
  source text collate "C" not null,
  compiled jsonb not null,
  published_at timestamp(3) with time zone,
  published_by text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_pack_versions PRIMARY KEY (tenant_id, id),
  constraint uq_pack_versions_pack_id_version UNIQUE (tenant_id, pack_id, version),
  constraint ck_pack_versions_status CHECK ((status = ANY (ARRAY['draft'::text, 'published'::text, 'retired'::text])))
);

create table policy.packs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  display_name text collate "C" not null,
  description text collate "C",
  active_version text collate "C",
  is_builtin boolean not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_packs PRIMARY KEY (tenant_id, id),
  constraint uq_packs_name UNIQUE (tenant_id, name)
);

create table policy.risk_profiles (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  profile_id text collate "C" not null,
  version text collate "C" not null,
  parent_id text collate "C",
  is_active boolean not null,
  weights jsonb not null,
  overrides jsonb not null,
  content_hash text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_risk_profiles PRIMARY KEY (tenant_id, id),
  constraint uq_risk_profiles_profile_id_version UNIQUE (tenant_id, profile_id, version)
);

create table policy.rules (
  tenant_id text collate "C" not null,
  pack_version_id uuid not null,
  rule_key text collate "C" not null,
  ordinal integer not null,
  severity text collate "C" not null,
  body jsonb not null,
  constraint pk_rules PRIMARY KEY (tenant_id, pack_version_id, rule_key),
  constraint fk_rules_pack_versions FOREIGN KEY (tenant_id, pack_version_id) REFERENCES policy.pack_versions(tenant_id, id) ON DELETE CASCADE,
  constraint ck_rules_severity CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text, 'info'::text])))
);

CREATE INDEX idx_audit_occurred_at ON policy.audit USING btree (tenant_id, occurred_at, id);
CREATE INDEX idx_audit_target_kind_target_id_occurred_at ON policy.audit USING btree (tenant_id, target_kind, target_id, occurred_at, id);

CREATE INDEX idx_evaluation_runs_determinism_hash_started_at ON policy.evaluation_runs USING btree (tenant_id, determinism_hash, started_at, id);

CREATE INDEX idx_exceptions_status_expires_at ON policy.exceptions USING btree (tenant_id, status, expires_at, id);
CREATE INDEX idx_exceptions_status_vulnerability_effective_at ON policy.exceptions USING btree (tenant_id, status, vulnerability, effective_at, id);

CREATE INDEX idx_explanations_created_at ON policy.explanations USING btree (tenant_id, created_at, id);
CREATE INDEX idx_explanations_run_id_ordinal ON policy.explanations USING btree (tenant_id, run_id, ordinal, id);

CREATE INDEX idx_pack_versions_content_hash ON policy.pack_versions USING btree (tenant_id, content_hash, id);
CREATE INDEX idx_pack_versions_pack_id_created_at ON policy.pack_versions USING btree (tenant_id, pack_id, created_at, id);

CREATE INDEX idx_risk_profiles_profile_id_created_at ON policy.risk_profiles USING btree (tenant_id, profile_id, created_at, id);
CREATE UNIQUE INDEX uq_risk_profiles_profile_id ON policy.risk_profiles USING btree (tenant_id, profile_id) WHERE (is_active = true);

alter table policy.audit enable row level security, force row level security;
alter table policy.evaluation_runs enable row level security, force row level security;
alter table policy.exceptions enable row level security, force row level security;
alter table policy.explanations enable row level security, force row level security;
alter table policy.pack_versions enable row level security, force row level security;
alter table policy.packs enable row level security, force row level security;
alter table policy.risk_profiles enable row level security, force row level security;
alter table policy.rules enable row level security, force row level security;

create policy audit_delete on policy.audit for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy audit_insert on policy.audit for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy audit_select on policy.audit for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy audit_update on policy.audit for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy evaluation_runs_delete on policy.evaluation_runs for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy evaluation_runs_insert on policy.evaluation_runs for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy evaluation_runs_select on policy.evaluation_runs for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy evaluation_runs_update on policy.evaluation_runs for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy exceptions_delete on policy.exceptions for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy exceptions_insert on policy.exceptions for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy exceptions_select on policy.exceptions for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy exceptions_update on policy.exceptions for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy explanations_delete on policy.explanations for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy explanations_insert on policy.explanations for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy explanations_select on policy.explanations for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy explanations_update on policy.explanations for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy pack_versions_delete on policy.pack_versions for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy pack_versions_insert on policy.pack_versions for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy pack_versions_select on policy.pack_versions for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy pack_versions_update on policy.pack_versions for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy packs_delete on policy.packs for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy packs_insert on policy.packs for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy packs_select on policy.packs for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy packs_update on policy.packs for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy risk_profiles_delete on policy.risk_profiles for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy risk_profiles_insert on policy.risk_profiles for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy risk_profiles_select on policy.risk_profiles for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy risk_profiles_update on policy.risk_profiles for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

create policy rules_delete on policy.rules for delete using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy rules_insert on policy.rules for insert with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));
create policy rules_select on policy.rules for select using ((tenant_id = ANY (ARRAY[( SELECT policy_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy rules_update on policy.rules for update using ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT policy_app.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE PROCEDURE policy_app."freeze"(IN name text, IN field text, IN value text, IN reference text DEFAULT NULL::text, VARIADIC children text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on "policy".%I for each row when (old.%I = %L and not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''policy_owner'', ''usage'')) execute function "policy_app".refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on "policy".%I referencing %s for each statement when (not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''policy_owner'', ''usage'')) execute function "policy_app".refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $procedure$;
alter routine policy_app."freeze"(text,text,text,text,text[]) owner to policy_owner;

CREATE OR REPLACE FUNCTION policy_app.bury_audit(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "policy".audit t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids) and t.occurred_at < now() - interval '1 hour' * 24 * 30 + interval '1 hour';
  if exists (select from "policy".audit t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'audit: what is younger than 30 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine policy_app.bury_audit(uuid[]) owner to policy_owner;
grant execute on routine policy_app.bury_audit(uuid[]) to policy_app;
grant execute on routine policy_app.bury_audit(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION policy_app.bury_explanations(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "policy".explanations t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids) and t.created_at < now() - interval '1 hour' * 24 * 30 + interval '1 hour';
  if exists (select from "policy".explanations t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'explanations: what is younger than 30 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine policy_app.bury_explanations(uuid[]) owner to policy_owner;
grant execute on routine policy_app.bury_explanations(uuid[]) to policy_app;
grant execute on routine policy_app.bury_explanations(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION policy_app.no_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $function$;
alter routine policy_app.no_tenant() owner to policy_owner;
grant execute on routine policy_app.no_tenant() to public;

CREATE OR REPLACE PROCEDURE policy_app.protect(IN name text)
 LANGUAGE plpgsql
AS $procedure$
declare
  own constant text := 'tenant_id = (select "policy_app".require_current_tenant())';
begin
  execute format('alter table "policy".%I enable row level security', name);
  execute format('alter table "policy".%I force row level security', name);
  execute format('create policy %I on "policy".%I for select using (tenant_id = any (array[(select "policy_app".require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on "policy".%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on "policy".%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on "policy".%I for delete using (%s)', name || '_delete', name, own);
end $procedure$;
alter routine policy_app.protect(text) owner to policy_owner;

CREATE OR REPLACE FUNCTION policy_app.purge_audit(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "policy".audit t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (array(
    select o.id from "policy".audit o where o.tenant_id = (select "policy_app".require_current_tenant()) and o.occurred_at < least(before, now() - interval '1 hour' * 24 * 30)
    order by o.occurred_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine policy_app.purge_audit(timestamp with time zone,integer) owner to policy_owner;
grant execute on routine policy_app.purge_audit(timestamp with time zone,integer) to policy_app;
grant execute on routine policy_app.purge_audit(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION policy_app.purge_explanations(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "policy".explanations t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (array(
    select o.id from "policy".explanations o where o.tenant_id = (select "policy_app".require_current_tenant()) and o.created_at < least(before, now() - interval '1 hour' * 24 * 30)
    order by o.created_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine policy_app.purge_explanations(timestamp with time zone,integer) owner to policy_owner;
grant execute on routine policy_app.purge_explanations(timestamp with time zone,integer) to policy_app;
grant execute on routine policy_app.purge_explanations(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION policy_app.refuse_change(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $function$;
alter routine policy_app.refuse_change(text) owner to policy_owner;
grant execute on routine policy_app.refuse_change(text) to public;

CREATE OR REPLACE FUNCTION policy_app.refuse_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform "policy_app".refuse_change(tg_table_name);
  return null;
end $function$;
alter routine policy_app.refuse_frozen() owner to policy_owner;
grant execute on routine policy_app.refuse_frozen() to public;

CREATE OR REPLACE FUNCTION policy_app.refuse_of_frozen()
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
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join "policy".%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform "policy_app".refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $function$;
alter routine policy_app.refuse_of_frozen() owner to stella_replicator;
grant execute on routine policy_app.refuse_of_frozen() to policy_owner;

CREATE OR REPLACE FUNCTION policy_app.require_current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), "policy_app".no_tenant())
$function$;
alter routine policy_app.require_current_tenant() owner to policy_owner;
grant execute on routine policy_app.require_current_tenant() to public;
grant execute on routine policy_app.require_current_tenant() to policy_app;
grant execute on routine policy_app.require_current_tenant() to stella_replicator;

CREATE OR REPLACE PROCEDURE policy_app.retain(IN name text, IN by text, IN days integer)
 LANGUAGE plpgsql
AS $procedure$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function "policy_app".%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  return query delete from "policy".%1$I t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (array(
    select o.id from "policy".%1$I o where o.tenant_id = (select "policy_app".require_current_tenant()) and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function "policy_app".%2$I(ids uuid[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  delete from "policy".%1$I t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids) and t.%3$I < %4$s + interval '1 hour';
  if exists (select from "policy".%1$I t where t.tenant_id = (select "policy_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function "policy_app".%I(timestamptz, integer), "policy_app".%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function "policy_app".%I(timestamptz, integer), "policy_app".%I(uuid[]) to "policy_app", stella_replicator', 'purge_' || name, 'bury_' || name);
end $procedure$;
alter routine policy_app.retain(text,text,integer) owner to policy_owner;

grant insert, select on policy.audit to policy_app;
grant delete, insert, select, update on policy.audit to stella_replicator;
grant delete, insert, select, update on policy.evaluation_runs to policy_app;
grant delete, insert, select, update on policy.evaluation_runs to stella_replicator;
grant delete, insert, select, update on policy.exceptions to policy_app;
grant delete, insert, select, update on policy.exceptions to stella_replicator;
grant insert, select on policy.explanations to policy_app;
grant delete, insert, select, update on policy.explanations to stella_replicator;
grant delete, insert, select, update on policy.pack_versions to policy_app;
grant delete, insert, select, update on policy.pack_versions to stella_replicator;
grant delete, insert, select, update on policy.packs to policy_app;
grant delete, insert, select, update on policy.packs to stella_replicator;
grant delete, insert, select, update on policy.risk_profiles to policy_app;
grant delete, insert, select, update on policy.risk_profiles to stella_replicator;
grant delete, insert, select, update on policy.rules to policy_app;
grant delete, insert, select, update on policy.rules to stella_replicator;
