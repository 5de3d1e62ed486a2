-- The policy module: packs, risk profiles, evaluations, exceptions. Every table leads with the tenant; rows shared by all carry @global.

create table policy.packs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  display_name text collate "C" not null,
  description text collate "C",
  active_version text collate "C",
  is_builtin boolean not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_packs primary key (tenant_id, id),
  constraint uq_packs_name unique (tenant_id, name)
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
  published_at timestamptz(3),
  published_by text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_pack_versions primary key (tenant_id, id),
  constraint uq_pack_versions_pack_id_version unique (tenant_id, pack_id, version),
  constraint ck_pack_versions_status check (status in ('draft', 'published', 'retired'))
);
create index idx_pack_versions_pack_id_created_at on policy.pack_versions (tenant_id, pack_id, created_at, id);
create index idx_pack_versions_content_hash on policy.pack_versions (tenant_id, content_hash, id);

create table policy.rules (
  tenant_id text collate "C" not null,
  pack_version_id uuid not null,
  rule_key text collate "C" not null,
  ordinal integer not null,
  severity text collate "C" not null,
  body jsonb not null,
  constraint pk_rules primary key (tenant_id, pack_version_id, rule_key),
  constraint fk_rules_pack_versions foreign key (tenant_id, pack_version_id)
    references policy.pack_versions (tenant_id, id) on delete cascade,
  constraint ck_rules_severity check (severity in ('critical', 'high', 'medium', 'low', 'info'))
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
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_risk_profiles primary key (tenant_id, id),
  constraint uq_risk_profiles_profile_id_version unique (tenant_id, profile_id, version)
);
-- At most one version of a profile is in force, whoever activates.
create unique index uq_risk_profiles_profile_id on policy.risk_profiles (tenant_id, profile_id) where is_active = true;
create index idx_risk_profiles_profile_id_created_at on policy.risk_profiles (tenant_id, profile_id, created_at, id);

create table policy.evaluation_runs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  pack_version text collate "C" not null,
  sbom_digest text collate "C" not null,
  feed_snapshot text collate "C" not null,
  vex_cursor text collate "C",
  state text collate "C" not null,
  started_at timestamptz(3) not null,
  finished_at timestamptz(3),
  passed bigint not null,
  warned bigint not null,
  blocked bigint not null,
  ignored bigint not null,
  error text collate "C",
  determinism_hash text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_evaluation_runs primary key (tenant_id, id),
  constraint ck_evaluation_runs_state check (state in ('running', 'completed', 'failed', 'canceled'))
);
create index idx_evaluation_runs_determinism_hash_started_at
  on policy.evaluation_runs (tenant_id, determinism_hash, started_at, id);

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
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_explanations primary key (tenant_id, id),
  constraint ck_explanations_verdict check (verdict in ('pass', 'warn', 'block', 'ignore'))
);
create index idx_explanations_run_id_ordinal on policy.explanations (tenant_id, run_id, ordinal, id);
create index idx_explanations_created_at on policy.explanations (tenant_id, created_at, id);

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
  effective_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  approvals jsonb not null,
  revoked_at timestamptz(3),
  revoked_by text collate "C",
  revoked_reason text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_exceptions primary key (tenant_id, id),
  constraint uq_exceptions_exception_id unique (tenant_id, exception_id),
  constraint ck_exceptions_type check (type in ('vulnerability', 'policy', 'unknown', 'component')),
  constraint ck_exceptions_effect check (effect in ('suppress', 'defer', 'downgrade', 'require_control')),
  constraint ck_exceptions_status check (status in ('draft', 'staged', 'active', 'revoked', 'expired')),
  constraint ck_exceptions_justification_length check (char_length(justification) >= 10),
  constraint ck_exceptions_window check (expires_at > effective_at)
);
create index idx_exceptions_status_vulnerability_effective_at
  on policy.exceptions (tenant_id, status, vulnerability, effective_at, id);
create index idx_exceptions_status_expires_at on policy.exceptions (tenant_id, status, expires_at, id);

create table policy.audit (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  actor text collate "C" not null,
  action text collate "C" not null,
  target_kind text collate "C" not null,
  target_id text collate "C" not null,
  details jsonb not null,
  occurred_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_audit primary key (tenant_id, id)
);
create index idx_audit_target_kind_target_id_occurred_at on policy.audit (tenant_id, target_kind, target_id, occurred_at, id);
create index idx_audit_occurred_at on policy.audit (tenant_id, occurred_at, id);

do $$
declare name text;
begin
  foreach name in array array['packs', 'pack_versions', 'rules', 'risk_profiles', 'evaluation_runs', 'explanations', 'exceptions', 'audit'] loop
    call policy_app.protect(name);
    execute format('grant select, insert, update, delete on policy.%I to policy_app', name);
  end loop;
end $$;
-- Append-only for services: only retention deletes.
revoke update, delete on policy.explanations, policy.audit from policy_app;
grant execute on function policy_app.require_current_tenant() to stella_replicator, policy_app;
