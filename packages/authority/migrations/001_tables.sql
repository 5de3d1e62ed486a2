-- The authority module: identities, clients, tokens. Every table leads with the tenant; rows shared by all carry @global.

-- The row of a tenant lies in that tenant: there is one.
create table authority.tenants (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  display_name text collate "C" not null,
  status text collate "C" not null,
  settings jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_tenants primary key (tenant_id, id),
  constraint uq_tenants_tenant_id unique (tenant_id),
  constraint ck_tenants_status check (status in ('active', 'suspended', 'deleted'))
);

create table authority.users (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  username text collate "C" not null,
  -- Folded in the application, so that both databases ignore case alike.
  username_folded text collate "C" not null,
  email text collate "C",
  email_folded text collate "C",
  display_name text collate "C",
  password_hash text collate "C",
  status text collate "C" not null,
  failed_attempts bigint not null,
  locked_until timestamptz(3),
  last_login_at timestamptz(3),
  attributes jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_users primary key (tenant_id, id),
  constraint uq_users_username_folded unique (tenant_id, username_folded),
  constraint uq_users_email_folded unique (tenant_id, email_folded),
  constraint ck_users_status check (status in ('active', 'disabled', 'locked'))
);

create table authority.user_roles (
  tenant_id text collate "C" not null,
  user_id uuid not null,
  role_id uuid not null,
  granted_by text collate "C" not null,
  granted_at timestamptz(3) not null,
  expires_at timestamptz(3),
  constraint pk_user_roles primary key (tenant_id, user_id, role_id),
  constraint fk_user_roles_users foreign key (tenant_id, user_id)
    references authority.users (tenant_id, id) on delete cascade
);
create index idx_user_roles_role_id on authority.user_roles (tenant_id, role_id, user_id);

create table authority.roles (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  display_name text collate "C" not null,
  description text collate "C",
  scopes text[] collate "C" not null,
  is_system boolean not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_roles primary key (tenant_id, id),
  constraint uq_roles_name unique (tenant_id, name)
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
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_service_accounts primary key (tenant_id, id),
  constraint uq_service_accounts_account_id unique (tenant_id, account_id)
);

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
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_clients primary key (tenant_id, id),
  constraint uq_clients_client_id unique (tenant_id, client_id),
  constraint ck_clients_kind check (kind in ('confidential', 'public')),
  constraint ck_clients_sender_constraint check (sender_constraint in ('none', 'dpop', 'mtls'))
);

create table authority.scopes (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  description text collate "C",
  resources text[] collate "C" not null,
  claims text[] collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_scopes primary key (tenant_id, id),
  constraint uq_scopes_name unique (tenant_id, name)
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
  issued_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  redeemed_at timestamptz(3),
  -- Who won: an answer that was lost can be read back here.
  redeemed_by text collate "C",
  revoked_at timestamptz(3),
  revoked_reason text collate "C",
  payload jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_tokens primary key (tenant_id, id),
  constraint uq_tokens_token_id unique (tenant_id, token_id),
  constraint uq_tokens_reference_hash unique (tenant_id, reference_hash),
  constraint ck_tokens_kind check (kind in ('access', 'refresh', 'authorization_code', 'device_code')),
  constraint ck_tokens_status check (status in ('valid', 'redeemed', 'revoked', 'expired'))
);
create index idx_tokens_subject_issued_at on authority.tokens (tenant_id, subject, issued_at, id);
create index idx_tokens_client_id_issued_at on authority.tokens (tenant_id, client_id, issued_at, id);
create index idx_tokens_expires_at on authority.tokens (tenant_id, expires_at, id);

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
  revoked_at timestamptz(3) not null,
  effective_at timestamptz(3) not null,
  expires_at timestamptz(3),
  metadata jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_revocations primary key (tenant_id, id),
  constraint uq_revocations_category_revocation_id unique (tenant_id, category, revocation_id),
  constraint ck_revocations_category check (category in ('token', 'subject', 'client', 'key')),
  constraint ck_revocations_token_kind check (token_kind in ('access', 'refresh', 'authorization_code', 'device_code'))
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
  occurred_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_login_attempts primary key (tenant_id, id),
  constraint ck_login_attempts_outcome check (outcome in ('success', 'failure', 'locked', 'challenged'))
);
create index idx_login_attempts_subject_occurred_at on authority.login_attempts (tenant_id, subject, occurred_at, id);

create table authority.licenses (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  license_key text collate "C" not null,
  tier text collate "C" not null,
  features text[] collate "C" not null,
  limits jsonb not null,
  valid_from timestamptz(3) not null,
  valid_to timestamptz(3) not null,
  status text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_licenses primary key (tenant_id, id),
  constraint uq_licenses_license_key unique (tenant_id, license_key),
  constraint ck_licenses_status check (status in ('active', 'suspended', 'revoked'))
);

create table authority.license_usage (
  tenant_id text collate "C" not null,
  license_id uuid not null,
  metric text collate "C" not null,
  period text collate "C" not null,
  used bigint not null,
  constraint pk_license_usage primary key (tenant_id, license_id, metric, period),
  constraint fk_license_usage_licenses foreign key (tenant_id, license_id)
    references authority.licenses (tenant_id, id) on delete cascade
);

do $$
declare name text;
begin
  foreach name in array array['tenants', 'users', 'user_roles', 'roles', 'service_accounts', 'clients', 'scopes', 'tokens',
    'revocations', 'login_attempts', 'licenses', 'license_usage'] loop
    call authority_app.protect(name);
    execute format('grant select, insert, update, delete on authority.%I to authority_app', name);
  end loop;
end $$;
-- Append-only for services: only retention, which runs as another role, deletes.
revoke update, delete on authority.login_attempts from authority_app;
grant execute on function authority_app.require_current_tenant() to stella_replicator, authority_app;
