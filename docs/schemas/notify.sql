-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table notify.audit (
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
  deleted_at timestamp(3) with time zone,
  deleted_by text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_channels PRIMARY KEY (tenant_id, id),
  constraint ck_channels_kind CHECK ((kind = ANY (ARRAY['slack'::text, 'teams'::text, 'email'::text, 'webhook'::text, 'pager'::text, 'console'::text])))
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
  next_attempt_at timestamp(3) with time zone not null,
  sent_at timestamp(3) with time zone,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_deliveries PRIMARY KEY (tenant_id, id),
  constraint uq_deliveries_idempotency_key UNIQUE (tenant_id, idempotency_key),
  constraint ck_deliveries_status CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'acknowledged'::text, 'digested'::text, 'throttled'::text])))
);

create table notify.digests (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  action_key text collate "C" not null,
  "window" text collate "C" not null,
  window_start timestamp(3) with time zone not null,
  status text collate "C" not null,
  items jsonb not null,
  item_count bigint not null,
  due_at timestamp(3) with time zone,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_digests PRIMARY KEY (tenant_id, id),
  constraint uq_digests_action_key_window_window_start UNIQUE (tenant_id, action_key, "window", window_start),
  constraint ck_digests_status CHECK ((status = ANY (ARRAY['open'::text, 'flushing'::text, 'closed'::text]))),
  constraint ck_digests_window CHECK (("window" = ANY (ARRAY['instant'::text, '5m'::text, '15m'::text, '1h'::text, '1d'::text])))
);

create table notify.escalation_policies (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  stages jsonb not null,
  auto_close_minutes integer,
  retry jsonb,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_escalation_policies PRIMARY KEY (tenant_id, id),
  constraint uq_escalation_policies_name UNIQUE (tenant_id, name)
);

create table notify.escalation_states (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  policy_id uuid not null,
  incident_id uuid not null,
  stage integer not null,
  status text collate "C" not null,
  next_at timestamp(3) with time zone,
  ack_token_hash text collate "C",
  ack_expires_at timestamp(3) with time zone,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_escalation_states PRIMARY KEY (tenant_id, id),
  constraint uq_escalation_states_ack_token_hash UNIQUE (tenant_id, ack_token_hash),
  constraint ck_escalation_states_status CHECK ((status = ANY (ARRAY['active'::text, 'acknowledged'::text, 'resolved'::text, 'expired'::text])))
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
  read_at timestamp(3) with time zone,
  archived_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_inbox PRIMARY KEY (tenant_id, id),
  constraint ck_inbox_severity CHECK ((severity = ANY (ARRAY['info'::text, 'low'::text, 'medium'::text, 'high'::text, 'critical'::text])))
);

create table notify.incidents (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  correlation_key text collate "C" not null,
  title text collate "C" not null,
  severity text collate "C" not null,
  status text collate "C" not null,
  event_count bigint not null,
  first_seen_at timestamp(3) with time zone not null,
  last_seen_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_incidents PRIMARY KEY (tenant_id, id),
  constraint ck_incidents_severity CHECK ((severity = ANY (ARRAY['info'::text, 'low'::text, 'medium'::text, 'high'::text, 'critical'::text]))),
  constraint ck_incidents_status CHECK ((status = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text])))
);

create table notify.locks (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  lock_key text collate "C" not null,
  holder text collate "C",
  fencing_token bigint not null,
  acquired_at timestamp(3) with time zone,
  expires_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_locks PRIMARY KEY (tenant_id, id),
  constraint uq_locks_lock_key UNIQUE (tenant_id, lock_key)
);

create table notify.maintenance_windows (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  starts_at timestamp(3) with time zone not null,
  ends_at timestamp(3) with time zone not null,
  scope jsonb not null,
  reason text collate "C",
  created_by text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_maintenance_windows PRIMARY KEY (tenant_id, id)
);

create table notify.on_call_schedules (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  timezone text collate "C" not null,
  layers jsonb not null,
  overrides jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_on_call_schedules PRIMARY KEY (tenant_id, id),
  constraint uq_on_call_schedules_name UNIQUE (tenant_id, name)
);

create table notify.operator_overrides (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  kind text collate "C" not null,
  scope jsonb not null,
  expires_at timestamp(3) with time zone not null,
  actor text collate "C" not null,
  reason text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_operator_overrides PRIMARY KEY (tenant_id, id),
  constraint ck_operator_overrides_kind CHECK ((kind = ANY (ARRAY['bypass_quiet_hours'::text, 'bypass_throttle'::text, 'mute'::text])))
);

create table notify.pack_approvals (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  pack_id text collate "C" not null,
  version text collate "C" not null,
  state text collate "C" not null,
  requested_by text collate "C" not null,
  decided_by text collate "C",
  decided_at timestamp(3) with time zone,
  reason text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_pack_approvals PRIMARY KEY (tenant_id, id),
  constraint ck_pack_approvals_state CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text])))
);

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
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_quiet_hours PRIMARY KEY (tenant_id, id)
);

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
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_rules PRIMARY KEY (tenant_id, id),
  constraint uq_rules_name UNIQUE (tenant_id, name)
);

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
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_templates PRIMARY KEY (tenant_id, id),
  constraint uq_templates_channel_kind_key_locale UNIQUE (tenant_id, channel_kind, key, locale),
  constraint ck_templates_channel_kind CHECK ((channel_kind = ANY (ARRAY['slack'::text, 'teams'::text, 'email'::text, 'webhook'::text, 'pager'::text, 'console'::text]))),
  constraint ck_templates_format CHECK ((format = ANY (ARRAY['slack'::text, 'teams'::text, 'email'::text, 'webhook'::text, 'json'::text]))),
  constraint ck_templates_render_mode CHECK ((render_mode = ANY (ARRAY['plain_text'::text, 'markdown'::text, 'html'::text, 'json'::text])))
);

create table notify.throttle_configs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  scope_kind text collate "C" not null,
  scope_id text collate "C" not null,
  window_seconds integer not null,
  max_events bigint not null,
  window_start timestamp(3) with time zone,
  events bigint not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_throttle_configs PRIMARY KEY (tenant_id, id),
  constraint uq_throttle_configs_scope_kind_scope_id UNIQUE (tenant_id, scope_kind, scope_id),
  constraint ck_throttle_configs_scope_kind CHECK ((scope_kind = ANY (ARRAY['tenant'::text, 'channel'::text, 'rule'::text, 'user'::text])))
);

CREATE INDEX idx_audit_occurred_at ON notify.audit USING btree (tenant_id, occurred_at, id);
CREATE INDEX idx_audit_target_kind_target_id_occurred_at ON notify.audit USING btree (tenant_id, target_kind, target_id, occurred_at, id);

CREATE UNIQUE INDEX uq_channels_name ON notify.channels USING btree (tenant_id, name) WHERE (deleted_at IS NULL);

CREATE INDEX idx_deliveries_claim ON notify.deliveries USING btree (tenant_id, next_attempt_at, id) WHERE (status = 'queued'::text);
CREATE INDEX idx_deliveries_created_at ON notify.deliveries USING btree (tenant_id, created_at, id);
CREATE INDEX idx_deliveries_lease ON notify.deliveries USING btree (tenant_id, lease_until, id) WHERE (status = 'sending'::text);

CREATE INDEX idx_digests_due_at ON notify.digests USING btree (tenant_id, due_at, id) WHERE (due_at IS NOT NULL);

CREATE INDEX idx_escalation_states_next_at ON notify.escalation_states USING btree (tenant_id, next_at, id) WHERE (status = 'active'::text);
CREATE UNIQUE INDEX uq_escalation_states_incident_id ON notify.escalation_states USING btree (tenant_id, incident_id) WHERE (status = 'active'::text);

CREATE INDEX idx_inbox_user_id_created_at ON notify.inbox USING btree (tenant_id, user_id, created_at, id) WHERE (archived_at IS NULL);
CREATE INDEX idx_inbox_user_id_read_at ON notify.inbox USING btree (tenant_id, user_id, read_at, id) WHERE (archived_at IS NULL);

CREATE INDEX idx_incidents_status_created_at ON notify.incidents USING btree (tenant_id, status, created_at, id);
CREATE UNIQUE INDEX uq_incidents_correlation_key ON notify.incidents USING btree (tenant_id, correlation_key) WHERE (status = ANY (ARRAY['open'::text, 'acknowledged'::text]));

CREATE INDEX idx_maintenance_windows_ends_at ON notify.maintenance_windows USING btree (tenant_id, ends_at, id);

CREATE INDEX idx_operator_overrides_expires_at ON notify.operator_overrides USING btree (tenant_id, expires_at, id);

CREATE INDEX idx_pack_approvals_state_created_at ON notify.pack_approvals USING btree (tenant_id, state, created_at, id);
CREATE UNIQUE INDEX uq_pack_approvals_pack_id_version ON notify.pack_approvals USING btree (tenant_id, pack_id, version) WHERE (state = 'pending'::text);

CREATE INDEX idx_quiet_hours_enabled ON notify.quiet_hours USING btree (tenant_id, enabled, id);

CREATE INDEX idx_rules_enabled_priority ON notify.rules USING btree (tenant_id, enabled, priority, id);

alter table notify.audit enable row level security, force row level security;
alter table notify.channels enable row level security, force row level security;
alter table notify.deliveries enable row level security, force row level security;
alter table notify.digests enable row level security, force row level security;
alter table notify.escalation_policies enable row level security, force row level security;
alter table notify.escalation_states enable row level security, force row level security;
alter table notify.inbox enable row level security, force row level security;
alter table notify.incidents enable row level security, force row level security;
alter table notify.locks enable row level security, force row level security;
alter table notify.maintenance_windows enable row level security, force row level security;
alter table notify.on_call_schedules enable row level security, force row level security;
alter table notify.operator_overrides enable row level security, force row level security;
alter table notify.pack_approvals enable row level security, force row level security;
alter table notify.quiet_hours enable row level security, force row level security;
alter table notify.rules enable row level security, force row level security;
alter table notify.templates enable row level security, force row level security;
alter table notify.throttle_configs enable row level security, force row level security;

create policy audit_delete on notify.audit for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy audit_insert on notify.audit for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy audit_select on notify.audit for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy audit_update on notify.audit for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy channels_delete on notify.channels for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy channels_insert on notify.channels for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy channels_select on notify.channels for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy channels_update on notify.channels for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy deliveries_delete on notify.deliveries for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy deliveries_insert on notify.deliveries for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy deliveries_select on notify.deliveries for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy deliveries_update on notify.deliveries for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy digests_delete on notify.digests for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy digests_insert on notify.digests for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy digests_select on notify.digests for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy digests_update on notify.digests for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy escalation_policies_delete on notify.escalation_policies for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy escalation_policies_insert on notify.escalation_policies for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy escalation_policies_select on notify.escalation_policies for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy escalation_policies_update on notify.escalation_policies for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy escalation_states_delete on notify.escalation_states for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy escalation_states_insert on notify.escalation_states for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy escalation_states_select on notify.escalation_states for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy escalation_states_update on notify.escalation_states for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy inbox_delete on notify.inbox for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy inbox_insert on notify.inbox for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy inbox_select on notify.inbox for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy inbox_update on notify.inbox for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy incidents_delete on notify.incidents for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy incidents_insert on notify.incidents for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy incidents_select on notify.incidents for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy incidents_update on notify.incidents for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy locks_delete on notify.locks for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy locks_insert on notify.locks for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy locks_select on notify.locks for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy locks_update on notify.locks for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy maintenance_windows_delete on notify.maintenance_windows for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy maintenance_windows_insert on notify.maintenance_windows for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy maintenance_windows_select on notify.maintenance_windows for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy maintenance_windows_update on notify.maintenance_windows for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy on_call_schedules_delete on notify.on_call_schedules for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy on_call_schedules_insert on notify.on_call_schedules for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy on_call_schedules_select on notify.on_call_schedules for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy on_call_schedules_update on notify.on_call_schedules for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy operator_overrides_delete on notify.operator_overrides for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy operator_overrides_insert on notify.operator_overrides for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy operator_overrides_select on notify.operator_overrides for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy operator_overrides_update on notify.operator_overrides for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy pack_approvals_delete on notify.pack_approvals for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy pack_approvals_insert on notify.pack_approvals for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy pack_approvals_select on notify.pack_approvals for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy pack_approvals_update on notify.pack_approvals for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy quiet_hours_delete on notify.quiet_hours for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy quiet_hours_insert on notify.quiet_hours for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy quiet_hours_select on notify.quiet_hours for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy quiet_hours_update on notify.quiet_hours for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy rules_delete on notify.rules for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy rules_insert on notify.rules for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy rules_select on notify.rules for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy rules_update on notify.rules for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy templates_delete on notify.templates for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy templates_insert on notify.templates for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy templates_select on notify.templates for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy templates_update on notify.templates for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

create policy throttle_configs_delete on notify.throttle_configs for delete using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy throttle_configs_insert on notify.throttle_configs for insert with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));
create policy throttle_configs_select on notify.throttle_configs for select using ((tenant_id = ANY (ARRAY[( SELECT notify_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy throttle_configs_update on notify.throttle_configs for update using ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT notify_app.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE PROCEDURE notify_app."freeze"(IN name text, IN field text, IN value text, IN reference text DEFAULT NULL::text, VARIADIC children text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on "notify".%I for each row when (old.%I = %L and not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''notify_owner'', ''usage'')) execute function "notify_app".refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on "notify".%I referencing %s for each statement when (not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''notify_owner'', ''usage'')) execute function "notify_app".refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $procedure$;
alter routine notify_app."freeze"(text,text,text,text,text[]) owner to notify_owner;

CREATE OR REPLACE FUNCTION notify_app.bury_audit(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "notify".audit t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (ids) and t.occurred_at < now() - interval '1 hour' * 24 * 30 + interval '1 hour';
  if exists (select from "notify".audit t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'audit: what is younger than 30 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine notify_app.bury_audit(uuid[]) owner to notify_owner;
grant execute on routine notify_app.bury_audit(uuid[]) to notify_app;
grant execute on routine notify_app.bury_audit(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION notify_app.due_tenants(kind text, at timestamp with time zone, row_limit integer)
 RETURNS TABLE(tenant_id text)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  case kind
  when 'deliveries' then return query
    with recursive tenants as (
      (select d.tenant_id as tenant, d.next_attempt_at as since from notify.deliveries d
        where d.status = 'queued' order by d.tenant_id, d.next_attempt_at limit 1)
      union all
      select n.tenant_id, n.next_attempt_at from tenants w cross join lateral
        (select d.tenant_id, d.next_attempt_at from notify.deliveries d
          where d.status = 'queued' and d.tenant_id > w.tenant order by d.tenant_id, d.next_attempt_at limit 1) n),
    holders as (
      (select d.tenant_id as tenant, d.lease_until as since from notify.deliveries d
        where d.status = 'sending' order by d.tenant_id, d.lease_until limit 1)
      union all
      select n.tenant_id, n.lease_until from holders w cross join lateral
        (select d.tenant_id, d.lease_until from notify.deliveries d
          where d.status = 'sending' and d.tenant_id > w.tenant order by d.tenant_id, d.lease_until limit 1) n),
    waiting as (select * from tenants union all select * from holders)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  when 'digests' then return query
    with recursive waiting as (
      (select g.tenant_id as tenant, g.due_at as since from notify.digests g
        where g.due_at is not null order by g.tenant_id, g.due_at limit 1)
      union all
      select n.tenant_id, n.due_at from waiting w cross join lateral
        (select g.tenant_id, g.due_at from notify.digests g
          where g.due_at is not null and g.tenant_id > w.tenant order by g.tenant_id, g.due_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  when 'escalations' then return query
    with recursive waiting as (
      (select e.tenant_id as tenant, e.next_at as since from notify.escalation_states e
        where e.status = 'active' order by e.tenant_id, e.next_at limit 1)
      union all
      select n.tenant_id, n.next_at from waiting w cross join lateral
        (select e.tenant_id, e.next_at from notify.escalation_states e
          where e.status = 'active' and e.tenant_id > w.tenant order by e.tenant_id, e.next_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  else raise exception 'no work of kind %', kind using errcode = '22023';
  end case;
end $function$;
alter routine notify_app.due_tenants(text,timestamp with time zone,integer) owner to stella_replicator;
grant execute on routine notify_app.due_tenants(text,timestamp with time zone,integer) to notify_app;

CREATE OR REPLACE FUNCTION notify_app.no_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $function$;
alter routine notify_app.no_tenant() owner to notify_owner;
grant execute on routine notify_app.no_tenant() to public;

CREATE OR REPLACE PROCEDURE notify_app.protect(IN name text)
 LANGUAGE plpgsql
AS $procedure$
declare
  own constant text := 'tenant_id = (select "notify_app".require_current_tenant())';
begin
  execute format('alter table "notify".%I enable row level security', name);
  execute format('alter table "notify".%I force row level security', name);
  execute format('create policy %I on "notify".%I for select using (tenant_id = any (array[(select "notify_app".require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on "notify".%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on "notify".%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on "notify".%I for delete using (%s)', name || '_delete', name, own);
end $procedure$;
alter routine notify_app.protect(text) owner to notify_owner;

CREATE OR REPLACE FUNCTION notify_app.purge_audit(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "notify".audit t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (array(
    select o.id from "notify".audit o where o.tenant_id = (select "notify_app".require_current_tenant()) and o.occurred_at < least(before, now() - interval '1 hour' * 24 * 30)
    order by o.occurred_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine notify_app.purge_audit(timestamp with time zone,integer) owner to notify_owner;
grant execute on routine notify_app.purge_audit(timestamp with time zone,integer) to notify_app;
grant execute on routine notify_app.purge_audit(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION notify_app.refuse_change(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $function$;
alter routine notify_app.refuse_change(text) owner to notify_owner;
grant execute on routine notify_app.refuse_change(text) to public;

CREATE OR REPLACE FUNCTION notify_app.refuse_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform "notify_app".refuse_change(tg_table_name);
  return null;
end $function$;
alter routine notify_app.refuse_frozen() owner to notify_owner;
grant execute on routine notify_app.refuse_frozen() to public;

CREATE OR REPLACE FUNCTION notify_app.refuse_of_frozen()
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
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join "notify".%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform "notify_app".refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $function$;
alter routine notify_app.refuse_of_frozen() owner to stella_replicator;
grant execute on routine notify_app.refuse_of_frozen() to notify_owner;

CREATE OR REPLACE FUNCTION notify_app.require_current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), "notify_app".no_tenant())
$function$;
alter routine notify_app.require_current_tenant() owner to notify_owner;
grant execute on routine notify_app.require_current_tenant() to public;
grant execute on routine notify_app.require_current_tenant() to notify_app;
grant execute on routine notify_app.require_current_tenant() to stella_replicator;

CREATE OR REPLACE PROCEDURE notify_app.retain(IN name text, IN by text, IN days integer)
 LANGUAGE plpgsql
AS $procedure$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function "notify_app".%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  return query delete from "notify".%1$I t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (array(
    select o.id from "notify".%1$I o where o.tenant_id = (select "notify_app".require_current_tenant()) and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function "notify_app".%2$I(ids uuid[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  delete from "notify".%1$I t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (ids) and t.%3$I < %4$s + interval '1 hour';
  if exists (select from "notify".%1$I t where t.tenant_id = (select "notify_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function "notify_app".%I(timestamptz, integer), "notify_app".%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function "notify_app".%I(timestamptz, integer), "notify_app".%I(uuid[]) to "notify_app", stella_replicator', 'purge_' || name, 'bury_' || name);
end $procedure$;
alter routine notify_app.retain(text,text,integer) owner to notify_owner;

grant insert, select on notify.audit to notify_app;
grant delete, insert, select, update on notify.audit to stella_replicator;
grant delete, insert, select, update on notify.channels to notify_app;
grant delete, insert, select, update on notify.channels to stella_replicator;
grant delete, insert, select, update on notify.deliveries to notify_app;
grant delete, insert, select, update on notify.deliveries to stella_replicator;
grant delete, insert, select, update on notify.digests to notify_app;
grant delete, insert, select, update on notify.digests to stella_replicator;
grant delete, insert, select, update on notify.escalation_policies to notify_app;
grant delete, insert, select, update on notify.escalation_policies to stella_replicator;
grant delete, insert, select, update on notify.escalation_states to notify_app;
grant delete, insert, select, update on notify.escalation_states to stella_replicator;
grant delete, insert, select, update on notify.inbox to notify_app;
grant delete, insert, select, update on notify.inbox to stella_replicator;
grant delete, insert, select, update on notify.incidents to notify_app;
grant delete, insert, select, update on notify.incidents to stella_replicator;
grant delete, insert, select, update on notify.locks to notify_app;
grant delete, insert, select, update on notify.locks to stella_replicator;
grant delete, insert, select, update on notify.maintenance_windows to notify_app;
grant delete, insert, select, update on notify.maintenance_windows to stella_replicator;
grant delete, insert, select, update on notify.on_call_schedules to notify_app;
grant delete, insert, select, update on notify.on_call_schedules to stella_replicator;
grant delete, insert, select, update on notify.operator_overrides to notify_app;
grant delete, insert, select, update on notify.operator_overrides to stella_replicator;
grant delete, insert, select, update on notify.pack_approvals to notify_app;
grant delete, insert, select, update on notify.pack_approvals to stella_replicator;
grant delete, insert, select, update on notify.quiet_hours to notify_app;
grant delete, insert, select, update on notify.quiet_hours to stella_replicator;
grant delete, insert, select, update on notify.rules to notify_app;
grant delete, insert, select, update on notify.rules to stella_replicator;
grant delete, insert, select, update on notify.templates to notify_app;
grant delete, insert, select, update on notify.templates to stella_replicator;
grant delete, insert, select, update on notify.throttle_configs to notify_app;
grant delete, insert, select, update on notify.throttle_configs to stella_replicator;
