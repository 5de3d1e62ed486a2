-- The notify module: rules, deliveries, escalation. Every table leads with the tenant; rows shared by all carry @global.

create table notify.channels (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  kind text collate "C" not null,
  endpoint text collate "C",
  secret_ref text collate "C",
  labels jsonb not null,
  throttle jsonb,
  enabled boolean not null,
  deleted_at timestamptz(3),
  deleted_by text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_channels primary key (tenant_id, id),
  constraint ck_channels_kind check (kind in ('slack', 'teams', 'email', 'webhook', 'pager', 'console'))
);
create unique index uq_channels_name on notify.channels (tenant_id, name) where deleted_at is null;

create table notify.rules (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  enabled boolean not null,
  priority integer not null,
  event_kinds text[] collate "C" not null,
  match jsonb not null,
  actions jsonb not null,
  channel_ids text[] collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_rules primary key (tenant_id, id),
  constraint uq_rules_name unique (tenant_id, name)
);
create index idx_rules_enabled_priority on notify.rules (tenant_id, enabled, priority, id);

create table notify.templates (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  channel_kind text collate "C" not null,
  key text collate "C" not null,
  locale text collate "C" not null,
  subject text collate "C",
  body text collate "C" not null,
  render_mode text collate "C" not null,
  format text collate "C" not null,
  metadata jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_templates primary key (tenant_id, id),
  constraint uq_templates_channel_kind_key_locale unique (tenant_id, channel_kind, key, locale),
  constraint ck_templates_channel_kind check (channel_kind in ('slack', 'teams', 'email', 'webhook', 'pager', 'console')),
  constraint ck_templates_render_mode check (render_mode in ('plain_text', 'markdown', 'html', 'json')),
  constraint ck_templates_format check (format in ('slack', 'teams', 'email', 'webhook', 'json'))
);

create table notify.deliveries (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  rule_id uuid not null,
  channel_id uuid not null,
  event_id text collate "C" not null,
  status text collate "C" not null,
  attempt bigint not null,
  idempotency_key text collate "C" not null,
  payload_hash text collate "C" not null,
  rendered jsonb,
  response jsonb,
  error text collate "C",
  next_attempt_at timestamptz(3) not null,
  sent_at timestamptz(3),
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_deliveries primary key (tenant_id, id),
  constraint uq_deliveries_idempotency_key unique (tenant_id, idempotency_key),
  constraint ck_deliveries_status check (status in ('queued', 'sending', 'sent', 'delivered', 'failed', 'acknowledged', 'digested', 'throttled'))
);
create index idx_deliveries_created_at on notify.deliveries (tenant_id, created_at, id);
-- Of a claim that sets another status only the indexes that hold the new one are written: no plain index over status here.
create index idx_deliveries_claim on notify.deliveries (tenant_id, next_attempt_at, id) where status = 'queued';
create index idx_deliveries_lease on notify.deliveries (tenant_id, lease_until, id) where status = 'sending';

create table notify.digests (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  action_key text collate "C" not null,
  "window" text collate "C" not null,
  window_start timestamptz(3) not null,
  status text collate "C" not null,
  items jsonb not null,
  item_count bigint not null,
  due_at timestamptz(3),
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_digests primary key (tenant_id, id),
  constraint uq_digests_action_key_window_window_start unique (tenant_id, action_key, "window", window_start),
  constraint ck_digests_window check ("window" in ('instant', '5m', '15m', '1h', '1d')),
  constraint ck_digests_status check (status in ('open', 'flushing', 'closed'))
);
-- Claims and the search for tenants with due work read it from its head; a digest that is closed is not in it.
create index idx_digests_due_at on notify.digests (tenant_id, due_at, id) where due_at is not null;

create table notify.quiet_hours (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  days text[] collate "C" not null,
  from_minute integer not null,
  to_minute integer not null,
  timezone text collate "C" not null,
  channel_ids text[] collate "C" not null,
  enabled boolean not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_quiet_hours primary key (tenant_id, id)
);
create index idx_quiet_hours_enabled on notify.quiet_hours (tenant_id, enabled, id);

create table notify.maintenance_windows (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  starts_at timestamptz(3) not null,
  ends_at timestamptz(3) not null,
  scope jsonb not null,
  reason text collate "C",
  created_by text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_maintenance_windows primary key (tenant_id, id)
);
create index idx_maintenance_windows_ends_at on notify.maintenance_windows (tenant_id, ends_at, id);

create table notify.escalation_policies (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  stages jsonb not null,
  auto_close_minutes integer,
  retry jsonb,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_escalation_policies primary key (tenant_id, id),
  constraint uq_escalation_policies_name unique (tenant_id, name)
);

create table notify.escalation_states (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  policy_id uuid not null,
  incident_id uuid not null,
  stage integer not null,
  status text collate "C" not null,
  next_at timestamptz(3),
  ack_token_hash text collate "C",
  ack_expires_at timestamptz(3),
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_escalation_states primary key (tenant_id, id),
  constraint uq_escalation_states_ack_token_hash unique (tenant_id, ack_token_hash),
  constraint ck_escalation_states_status check (status in ('active', 'acknowledged', 'resolved', 'expired'))
);
create unique index uq_escalation_states_incident_id on notify.escalation_states (tenant_id, incident_id) where status = 'active';
-- Claims and the search for tenants with due work read it from its head; what is over is not in it.
create index idx_escalation_states_next_at on notify.escalation_states (tenant_id, next_at, id) where status = 'active';

create table notify.on_call_schedules (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  timezone text collate "C" not null,
  layers jsonb not null,
  overrides jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_on_call_schedules primary key (tenant_id, id),
  constraint uq_on_call_schedules_name unique (tenant_id, name)
);

create table notify.inbox (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  user_id text collate "C" not null,
  title text collate "C" not null,
  body text collate "C" not null,
  severity text collate "C" not null,
  link text collate "C",
  read_at timestamptz(3),
  archived_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_inbox primary key (tenant_id, id),
  constraint ck_inbox_severity check (severity in ('info', 'low', 'medium', 'high', 'critical'))
);
create index idx_inbox_user_id_created_at on notify.inbox (tenant_id, user_id, created_at, id) where archived_at is null;
create index idx_inbox_user_id_read_at on notify.inbox (tenant_id, user_id, read_at, id) where archived_at is null;

create table notify.incidents (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  correlation_key text collate "C" not null,
  title text collate "C" not null,
  severity text collate "C" not null,
  status text collate "C" not null,
  event_count bigint not null,
  first_seen_at timestamptz(3) not null,
  last_seen_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_incidents primary key (tenant_id, id),
  constraint ck_incidents_severity check (severity in ('info', 'low', 'medium', 'high', 'critical')),
  constraint ck_incidents_status check (status in ('open', 'acknowledged', 'resolved'))
);
create unique index uq_incidents_correlation_key on notify.incidents (tenant_id, correlation_key) where status in ('open', 'acknowledged');
create index idx_incidents_status_created_at on notify.incidents (tenant_id, status, created_at, id);

create table notify.audit (
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
create index idx_audit_occurred_at on notify.audit (tenant_id, occurred_at, id);
create index idx_audit_target_kind_target_id_occurred_at on notify.audit (tenant_id, target_kind, target_id, occurred_at, id);

create table notify.pack_approvals (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  pack_id text collate "C" not null,
  version text collate "C" not null,
  state text collate "C" not null,
  requested_by text collate "C" not null,
  decided_by text collate "C",
  decided_at timestamptz(3),
  reason text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_pack_approvals primary key (tenant_id, id),
  constraint ck_pack_approvals_state check (state in ('pending', 'approved', 'rejected'))
);
create unique index uq_pack_approvals_pack_id_version on notify.pack_approvals (tenant_id, pack_id, version) where state = 'pending';
create index idx_pack_approvals_state_created_at on notify.pack_approvals (tenant_id, state, created_at, id);

create table notify.locks (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  lock_key text collate "C" not null,
  holder text collate "C",
  fencing_token bigint not null,
  acquired_at timestamptz(3),
  expires_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_locks primary key (tenant_id, id),
  constraint uq_locks_lock_key unique (tenant_id, lock_key)
);

create table notify.throttle_configs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  scope_kind text collate "C" not null,
  scope_id text collate "C" not null,
  window_seconds integer not null,
  max_events bigint not null,
  window_start timestamptz(3),
  events bigint not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_throttle_configs primary key (tenant_id, id),
  constraint uq_throttle_configs_scope_kind_scope_id unique (tenant_id, scope_kind, scope_id),
  constraint ck_throttle_configs_scope_kind check (scope_kind in ('tenant', 'channel', 'rule', 'user'))
);

create table notify.operator_overrides (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  kind text collate "C" not null,
  scope jsonb not null,
  expires_at timestamptz(3) not null,
  actor text collate "C" not null,
  reason text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_operator_overrides primary key (tenant_id, id),
  constraint ck_operator_overrides_kind check (kind in ('bypass_quiet_hours', 'bypass_throttle', 'mute'))
);
create index idx_operator_overrides_expires_at on notify.operator_overrides (tenant_id, expires_at, id);

call notify_app.protect('channels');
call notify_app.protect('rules');
call notify_app.protect('templates');
call notify_app.protect('deliveries');
call notify_app.protect('digests');
call notify_app.protect('quiet_hours');
call notify_app.protect('maintenance_windows');
call notify_app.protect('escalation_policies');
call notify_app.protect('escalation_states');
call notify_app.protect('on_call_schedules');
call notify_app.protect('inbox');
call notify_app.protect('incidents');
call notify_app.protect('audit');
call notify_app.protect('pack_approvals');
call notify_app.protect('locks');
call notify_app.protect('throttle_configs');
call notify_app.protect('operator_overrides');
-- Append-only for services: only retention, which runs as another role, deletes.
revoke update, delete on notify.audit from notify_app;
call notify_app.retain('audit', 'occurred_at', 30);
