-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table authority.clients (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  client_id text collate "C" not null,
  name text collate "C" not null,
  kind text collate "C" not null,
  secret_hash text collate "C",
  grant_types text[] collate "C" not null,
  redirect_uris text[] collate "C" not null,
  allowed_scopes text[] collate "C" not null,
  sender_constraint text collate "C" not null,
  certificate_thumbprints text[] collate "C" not null,
  enabled boolean not null,
  properties jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_clients PRIMARY KEY (tenant_id, id),
  constraint uq_clients_client_id UNIQUE (tenant_id, client_id),
  constraint ck_clients_kind CHECK ((kind = ANY (ARRAY['confidential'::text, 'public'::text]))),
  constraint ck_clients_sender_constraint CHECK ((sender_constraint = ANY (ARRAY['none'::text, 'dpop'::text, 'mtls'::text])))
);

create table authority.license_usage (
  tenant_id text collate "C" not null,
  license_id uuid not null,
  metric text collate "C" not null,
  period text collate "C" not null,
  used bigint not null,
  constraint pk_license_usage PRIMARY KEY (tenant_id, license_id, metric, period),
  constraint fk_license_usage_licenses FOREIGN KEY (tenant_id, license_id) REFERENCES authority.licenses(tenant_id, id) ON DELETE CASCADE
);

create table authority.licenses (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  license_key text collate "C" not null,
  tier text collate "C" not null,
  features text[] collate "C" not null,
  limits jsonb not null,
  valid_from timestamp(3) with time zone not null,
  valid_to timestamp(3) with time zone not null,
  status text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_licenses PRIMARY KEY (tenant_id, id),
  constraint uq_licenses_license_key UNIQUE (tenant_id, license_key),
  constraint ck_licenses_status CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'revoked'::text])))
);

create table authority.login_attempts (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  subject text collate "C" not null,
  user_id uuid,
  client_id text collate "C",
  outcome text collate "C" not null,
  failure_code text collate "C",
  ip text collate "C",
  user_agent text collate "C",
  correlation_id text collate "C",
  occurred_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_login_attempts PRIMARY KEY (tenant_id, id),
  constraint ck_login_attempts_outcome CHECK ((outcome = ANY (ARRAY['success'::text, 'failure'::text, 'locked'::text, 'challenged'::text])))
);

create table authority.revocations (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  category text collate "C" not null,
  revocation_id text collate "C" not null,
  subject text collate "C",
  client_id text collate "C",
  token_kind text collate "C",
  reason text collate "C" not null,
  reason_text text collate "C",
  scopes text[] collate "C" not null,
  revoked_at timestamp(3) with time zone not null,
  effective_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  metadata jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_revocations PRIMARY KEY (tenant_id, id),
  constraint uq_revocations_category_revocation_id UNIQUE (tenant_id, category, revocation_id),
  constraint ck_revocations_category CHECK ((category = ANY (ARRAY['token'::text, 'subject'::text, 'client'::text, 'key'::text]))),
  constraint ck_revocations_token_kind CHECK ((token_kind = ANY (ARRAY['access'::text, 'refresh'::text, 'authorization_code'::text, 'device_code'::text])))
);

create table authority.roles (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  display_name text collate "C" not null,
  description text collate "C",
  scopes text[] collate "C" not null,
  is_system boolean not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_roles PRIMARY KEY (tenant_id, id),
  constraint uq_roles_name UNIQUE (tenant_id, name)
);

create table authority.scopes (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  description text collate "C",
  resources text[] collate "C" not null,
  claims text[] collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_scopes PRIMARY KEY (tenant_id, id),
  constraint uq_scopes_name UNIQUE (tenant_id, name)
);

create table authority.service_accounts (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  account_id text collate "C" not null,
  display_name text collate "C" not null,
  allowed_scopes text[] collate "C" not null,
  authorized_clients text[] collate "C" not null,
  enabled boolean not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_service_accounts PRIMARY KEY (tenant_id, id),
  constraint uq_service_accounts_account_id UNIQUE (tenant_id, account_id)
);

create table authority.tenants (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  display_name text collate "C" not null,
  status text collate "C" not null,
  settings jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_tenants PRIMARY KEY (tenant_id, id),
  constraint uq_tenants_tenant_id UNIQUE (tenant_id),
  constraint ck_tenants_status CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'deleted'::text])))
);

create table authority.tokens (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  token_id text collate "C" not null,
  kind text collate "C" not null,
  reference_hash text collate "C",
  subject text collate "C" not null,
  client_id text collate "C" not null,
  scopes text[] collate "C" not null,
  status text collate "C" not null,
  issued_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  redeemed_at timestamp(3) with time zone,
  redeemed_by text collate "C",
  revoked_at timestamp(3) with time zone,
  revoked_reason text collate "C",
  payload jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_tokens PRIMARY KEY (tenant_id, id),
  constraint uq_tokens_reference_hash UNIQUE (tenant_id, reference_hash),
  constraint uq_tokens_token_id UNIQUE (tenant_id, token_id),
  constraint ck_tokens_kind CHECK ((kind = ANY (ARRAY['access'::text, 'refresh'::text, 'authorization_code'::text, 'device_code'::text]))),
  constraint ck_tokens_status CHECK ((status = ANY (ARRAY['valid'::text, 'redeemed'::text, 'revoked'::text, 'expired'::text])))
);

create table authority.user_roles (
  tenant_id text collate "C" not null,
  user_id uuid not null,
  role_id uuid not null,
  granted_by text collate "C" not null,
  granted_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  constraint pk_user_roles PRIMARY KEY (tenant_id, user_id, role_id),
  constraint fk_user_roles_users FOREIGN KEY (tenant_id, user_id) REFERENCES authority.users(tenant_id, id) ON DELETE CASCADE
);

create table authority.users (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  username text collate "C" not null,
  username_folded text collate "C" not null,
  email text collate "C",
  email_folded text collate "C",
  display_name text collate "C",
  password_hash text collate "C",
  status text collate "C" not null,
  failed_attempts bigint not null,
  locked_until timestamp(3) with time zone,
  last_login_at timestamp(3) with time zone,
  attributes jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_users PRIMARY KEY (tenant_id, id),
  constraint uq_users_email_folded UNIQUE (tenant_id, email_folded),
  constraint uq_users_username_folded UNIQUE (tenant_id, username_folded),
  constraint ck_users_status CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text, 'locked'::text])))
);

CREATE INDEX idx_login_attempts_occurred_at ON authority.login_attempts USING btree (tenant_id, occurred_at, id);
CREATE INDEX idx_login_attempts_subject_occurred_at ON authority.login_attempts USING btree (tenant_id, subject, occurred_at, id);

CREATE INDEX idx_tokens_client_id_issued_at ON authority.tokens USING btree (tenant_id, client_id, issued_at, id);
CREATE INDEX idx_tokens_expires_at ON authority.tokens USING btree (tenant_id, expires_at, id);
CREATE INDEX idx_tokens_subject_issued_at ON authority.tokens USING btree (tenant_id, subject, issued_at, id);

CREATE INDEX idx_user_roles_role_id ON authority.user_roles USING btree (tenant_id, role_id, user_id);

alter table authority.clients enable row level security, force row level security;
alter table authority.license_usage enable row level security, force row level security;
alter table authority.licenses enable row level security, force row level security;
alter table authority.login_attempts enable row level security, force row level security;
alter table authority.revocations enable row level security, force row level security;
alter table authority.roles enable row level security, force row level security;
alter table authority.scopes enable row level security, force row level security;
alter table authority.service_accounts enable row level security, force row level security;
alter table authority.tenants enable row level security, force row level security;
alter table authority.tokens enable row level security, force row level security;
alter table authority.user_roles enable row level security, force row level security;
alter table authority.users enable row level security, force row level security;

create policy clients_delete on authority.clients for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy clients_insert on authority.clients for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy clients_select on authority.clients for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy clients_update on authority.clients for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy license_usage_delete on authority.license_usage for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy license_usage_insert on authority.license_usage for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy license_usage_select on authority.license_usage for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy license_usage_update on authority.license_usage for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy licenses_delete on authority.licenses for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy licenses_insert on authority.licenses for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy licenses_select on authority.licenses for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy licenses_update on authority.licenses for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy login_attempts_delete on authority.login_attempts for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy login_attempts_insert on authority.login_attempts for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy login_attempts_select on authority.login_attempts for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy login_attempts_update on authority.login_attempts for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy revocations_delete on authority.revocations for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy revocations_insert on authority.revocations for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy revocations_select on authority.revocations for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy revocations_update on authority.revocations for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy roles_delete on authority.roles for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy roles_insert on authority.roles for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy roles_select on authority.roles for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy roles_update on authority.roles for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy scopes_delete on authority.scopes for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy scopes_insert on authority.scopes for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy scopes_select on authority.scopes for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy scopes_update on authority.scopes for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy service_accounts_delete on authority.service_accounts for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy service_accounts_insert on authority.service_accounts for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy service_accounts_select on authority.service_accounts for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy service_accounts_update on authority.service_accounts for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy tenants_delete on authority.tenants for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy tenants_insert on authority.tenants for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy tenants_select on authority.tenants for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy tenants_update on authority.tenants for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy tokens_delete on authority.tokens for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy tokens_insert on authority.tokens for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy tokens_select on authority.tokens for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy tokens_update on authority.tokens for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy user_roles_delete on authority.user_roles for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy user_roles_insert on authority.user_roles for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy user_roles_select on authority.user_roles for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy user_roles_update on authority.user_roles for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

create policy users_delete on authority.users for delete using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy users_insert on authority.users for insert with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));
create policy users_select on authority.users for select using ((tenant_id = ANY (ARRAY[( SELECT authority_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy users_update on authority.users for update using ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT authority_app.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE PROCEDURE authority_app."freeze"(IN name text, IN field text, IN value text, IN reference text DEFAULT NULL::text, VARIADIC children text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on "authority".%I for each row when (old.%I = %L and not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''authority_owner'', ''usage'')) execute function "authority_app".refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on "authority".%I referencing %s for each statement when (not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''authority_owner'', ''usage'')) execute function "authority_app".refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $procedure$;
alter routine authority_app."freeze"(text,text,text,text,text[]) owner to authority_owner;

CREATE OR REPLACE FUNCTION authority_app.bury_login_attempts(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "authority".login_attempts t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (ids) and t.occurred_at < now() - interval '1 hour' * 24 * 30 + interval '1 hour';
  if exists (select from "authority".login_attempts t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'login_attempts: what is younger than 30 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine authority_app.bury_login_attempts(uuid[]) owner to authority_owner;
grant execute on routine authority_app.bury_login_attempts(uuid[]) to authority_app;
grant execute on routine authority_app.bury_login_attempts(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION authority_app.no_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $function$;
alter routine authority_app.no_tenant() owner to authority_owner;
grant execute on routine authority_app.no_tenant() to public;

CREATE OR REPLACE PROCEDURE authority_app.protect(IN name text)
 LANGUAGE plpgsql
AS $procedure$
declare
  own constant text := 'tenant_id = (select "authority_app".require_current_tenant())';
begin
  execute format('alter table "authority".%I enable row level security', name);
  execute format('alter table "authority".%I force row level security', name);
  execute format('create policy %I on "authority".%I for select using (tenant_id = any (array[(select "authority_app".require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on "authority".%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on "authority".%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on "authority".%I for delete using (%s)', name || '_delete', name, own);
end $procedure$;
alter routine authority_app.protect(text) owner to authority_owner;

CREATE OR REPLACE FUNCTION authority_app.purge_login_attempts(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "authority".login_attempts t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (array(
    select o.id from "authority".login_attempts o where o.tenant_id = (select "authority_app".require_current_tenant()) and o.occurred_at < least(before, now() - interval '1 hour' * 24 * 30)
    order by o.occurred_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine authority_app.purge_login_attempts(timestamp with time zone,integer) owner to authority_owner;
grant execute on routine authority_app.purge_login_attempts(timestamp with time zone,integer) to authority_app;
grant execute on routine authority_app.purge_login_attempts(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION authority_app.refuse_change(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $function$;
alter routine authority_app.refuse_change(text) owner to authority_owner;
grant execute on routine authority_app.refuse_change(text) to public;

CREATE OR REPLACE FUNCTION authority_app.refuse_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform "authority_app".refuse_change(tg_table_name);
  return null;
end $function$;
alter routine authority_app.refuse_frozen() owner to authority_owner;
grant execute on routine authority_app.refuse_frozen() to public;

CREATE OR REPLACE FUNCTION authority_app.refuse_of_frozen()
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
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join "authority".%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform "authority_app".refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $function$;
alter routine authority_app.refuse_of_frozen() owner to stella_replicator;
grant execute on routine authority_app.refuse_of_frozen() to authority_owner;

CREATE OR REPLACE FUNCTION authority_app.require_current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), "authority_app".no_tenant())
$function$;
alter routine authority_app.require_current_tenant() owner to authority_owner;
grant execute on routine authority_app.require_current_tenant() to public;
grant execute on routine authority_app.require_current_tenant() to authority_app;
grant execute on routine authority_app.require_current_tenant() to stella_replicator;

CREATE OR REPLACE PROCEDURE authority_app.retain(IN name text, IN by text, IN days integer)
 LANGUAGE plpgsql
AS $procedure$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function "authority_app".%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  return query delete from "authority".%1$I t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (array(
    select o.id from "authority".%1$I o where o.tenant_id = (select "authority_app".require_current_tenant()) and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function "authority_app".%2$I(ids uuid[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  delete from "authority".%1$I t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (ids) and t.%3$I < %4$s + interval '1 hour';
  if exists (select from "authority".%1$I t where t.tenant_id = (select "authority_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function "authority_app".%I(timestamptz, integer), "authority_app".%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function "authority_app".%I(timestamptz, integer), "authority_app".%I(uuid[]) to "authority_app", stella_replicator', 'purge_' || name, 'bury_' || name);
end $procedure$;
alter routine authority_app.retain(text,text,integer) owner to authority_owner;

grant delete, insert, select, update on authority.clients to authority_app;
grant delete, insert, select, update on authority.clients to stella_replicator;
grant delete, insert, select, update on authority.license_usage to authority_app;
grant delete, insert, select, update on authority.license_usage to stella_replicator;
grant delete, insert, select, update on authority.licenses to authority_app;
grant delete, insert, select, update on authority.licenses to stella_replicator;
grant insert, select on authority.login_attempts to authority_app;
grant delete, insert, select, update on authority.login_attempts to stella_replicator;
grant delete, insert, select, update on authority.revocations to authority_app;
grant delete, insert, select, update on authority.revocations to stella_replicator;
grant delete, insert, select, update on authority.roles to authority_app;
grant delete, insert, select, update on authority.roles to stella_replicator;
grant delete, insert, select, update on authority.scopes to authority_app;
grant delete, insert, select, update on authority.scopes to stella_replicator;
grant delete, insert, select, update on authority.service_accounts to authority_app;
grant delete, insert, select, update on authority.service_accounts to stella_replicator;
grant delete, insert, select, update on authority.tenants to authority_app;
grant delete, insert, select, update on authority.tenants to stella_replicator;
grant delete, insert, select, update on authority.tokens to authority_app;
grant delete, insert, select, update on authority.tokens to stella_replicator;
grant delete, insert, select, update on authority.user_roles to authority_app;
grant delete, insert, select, update on authority.user_roles to stella_replicator;
grant delete, insert, select, update on authority.users to authority_app;
grant delete, insert, select, update on authority.users to stella_replicator;
