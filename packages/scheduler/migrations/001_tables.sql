-- The scheduler module: when to re-evaluate what. Every table leads with the tenant; rows shared by all carry @global.

create table scheduler.schedules (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  name text collate "C" not null,
  enabled boolean not null,
  cron text collate "C" not null,
  timezone text collate "C" not null,
  misfire text collate "C" not null,
  misfire_grace_seconds integer not null,
  mode text collate "C" not null,
  selection jsonb not null,
  only_if jsonb,
  notify jsonb,
  limits jsonb,
  subscribers text[] collate "C" not null,
  created_by text collate "C" not null,
  updated_by text collate "C" not null,
  deleted_at timestamptz(3),
  deleted_by text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_schedules primary key (tenant_id, id),
  constraint ck_schedules_misfire check (misfire in ('skip', 'fire_once', 'fire_each')),
  constraint ck_schedules_mode check (mode in ('analysis_only', 'content_refresh'))
);
create unique index uq_schedules_name on scheduler.schedules (tenant_id, name) where deleted_at is null;
create index idx_schedules_name on scheduler.schedules (tenant_id, name, id) where deleted_at is null and enabled;

create table scheduler.triggers (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid not null,
  next_fire_at timestamptz(3),
  last_fire_at timestamptz(3),
  misfires bigint not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_triggers primary key (tenant_id, id),
  constraint uq_triggers_schedule_id unique (tenant_id, schedule_id)
);
-- Claims and the search for tenants with due work read it from its head; a trigger that never fires again is not in it.
create index idx_triggers_next_fire_at on scheduler.triggers (tenant_id, next_fire_at, id) where next_fire_at is not null;

create table scheduler.runs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid,
  fire_at timestamptz(3),
  trigger_kind text collate "C" not null,
  state text collate "C" not null,
  reason jsonb not null,
  stats jsonb not null,
  -- What is no count is null, so that no payload is refused here that MongoDB takes.
  finding_count bigint generated always as (case
    when jsonb_typeof(stats -> 'findingCount') = 'number' and (stats ->> 'findingCount')::numeric between 0 and 9007199254740991
    then trunc((stats ->> 'findingCount')::numeric)::bigint
  end) stored,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  error text collate "C",
  retry_of uuid,
  summarised_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_runs primary key (tenant_id, id),
  constraint uq_runs_schedule_id_fire_at unique (tenant_id, schedule_id, fire_at),
  constraint ck_runs_trigger_kind check (trigger_kind in ('cron', 'advisory_delta', 'vex_delta', 'manual')),
  constraint ck_runs_state check (state in ('planning', 'queued', 'running', 'completed', 'failed', 'canceled'))
);
create index idx_runs_state_created_at on scheduler.runs (tenant_id, state, created_at, id);
create index idx_runs_schedule_id_created_at on scheduler.runs (tenant_id, schedule_id, created_at, id);
create index idx_runs_trigger_kind_created_at on scheduler.runs (tenant_id, trigger_kind, created_at, id) where finding_count >= 1;

create table scheduler.graph_jobs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  kind text collate "C" not null,
  status text collate "C" not null,
  payload jsonb not null,
  correlation_id text collate "C",
  available_at timestamptz(3) not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  last_error text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_graph_jobs primary key (tenant_id, id),
  constraint ck_graph_jobs_kind check (kind in ('build', 'overlay')),
  constraint ck_graph_jobs_status check (status in ('queued', 'running', 'completed', 'failed', 'canceled'))
);
create index idx_graph_jobs_status_created_at on scheduler.graph_jobs (tenant_id, status, created_at, id);
create index idx_graph_jobs_claim on scheduler.graph_jobs (tenant_id, available_at, id) where status = 'queued';
create index idx_graph_jobs_lease on scheduler.graph_jobs (tenant_id, lease_until, id) where status = 'running';

create table scheduler.graph_job_events (
  tenant_id text collate "C" not null,
  graph_job_id uuid not null,
  ordinal integer not null,
  status text collate "C" not null,
  payload jsonb,
  occurred_at timestamptz(3) not null,
  constraint pk_graph_job_events primary key (tenant_id, graph_job_id, ordinal),
  constraint fk_graph_job_events_graph_jobs foreign key (tenant_id, graph_job_id)
    references scheduler.graph_jobs (tenant_id, id) on delete cascade,
  constraint ck_graph_job_events_status check (status in ('queued', 'running', 'completed', 'failed', 'canceled'))
);

create table scheduler.policy_jobs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  run_id uuid not null,
  mode text collate "C" not null,
  priority text collate "C" not null,
  priority_rank integer not null,
  status text collate "C" not null,
  inputs jsonb not null,
  available_at timestamptz(3) not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamptz(3),
  claim_id uuid,
  last_error text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_policy_jobs primary key (tenant_id, id),
  constraint uq_policy_jobs_run_id unique (tenant_id, run_id),
  constraint ck_policy_jobs_mode check (mode in ('full', 'incremental', 'simulate')),
  constraint ck_policy_jobs_priority check (priority in ('emergency', 'high', 'normal')),
  constraint ck_policy_jobs_status check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled', 'replay_pending'))
);
-- Of a claim that sets another status only the indexes that hold the new one are written: no plain index over status here.
create index idx_policy_jobs_claim on scheduler.policy_jobs (tenant_id, priority_rank, available_at, id) where status = 'queued';
create index idx_policy_jobs_lease on scheduler.policy_jobs (tenant_id, lease_until, id) where status = 'running';

create table scheduler.impact_snapshots (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  run_id uuid not null,
  selector jsonb not null,
  image_digests text[] collate "C" not null,
  total bigint not null,
  usage_only boolean not null,
  digest text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_impact_snapshots primary key (tenant_id, id),
  constraint uq_impact_snapshots_run_id unique (tenant_id, run_id)
);

create table scheduler.workers (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  worker_id text collate "C" not null,
  host text collate "C" not null,
  version text collate "C" not null,
  capabilities text[] collate "C" not null,
  started_at timestamptz(3) not null,
  heartbeat_at timestamptz(3) not null,
  status text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_workers primary key (tenant_id, id),
  constraint uq_workers_worker_id unique (tenant_id, worker_id),
  constraint ck_workers_status check (status in ('active', 'draining', 'expired'))
);
create index idx_workers_heartbeat_at on scheduler.workers (tenant_id, heartbeat_at, id) where status <> 'expired';

create table scheduler.execution_logs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  run_id uuid not null,
  sequence bigint not null,
  level text collate "C" not null,
  message text collate "C" not null,
  fields jsonb not null,
  logged_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_execution_logs primary key (tenant_id, id),
  constraint uq_execution_logs_run_id_sequence unique (tenant_id, run_id, sequence),
  constraint ck_execution_logs_level check (level in ('trace', 'debug', 'info', 'warn', 'error'))
);

create table scheduler.locks (
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

create table scheduler.run_summaries (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid not null,
  last_run_id uuid,
  last_state text collate "C",
  last_finished_at timestamptz(3),
  runs bigint not null,
  failures bigint not null,
  last_completed_at timestamptz(3),
  counters jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint pk_run_summaries primary key (tenant_id, id),
  constraint uq_run_summaries_schedule_id unique (tenant_id, schedule_id),
  constraint ck_run_summaries_last_state check (last_state in ('planning', 'queued', 'running', 'completed', 'failed', 'canceled'))
);

create table scheduler.audit (
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
create index idx_audit_target_kind_target_id_occurred_at on scheduler.audit (tenant_id, target_kind, target_id, occurred_at, id);

do $$
declare name text;
begin
  foreach name in array array['schedules', 'triggers', 'runs', 'graph_jobs', 'graph_job_events', 'policy_jobs', 'impact_snapshots', 'workers', 'execution_logs', 'locks', 'run_summaries', 'audit'] loop
    call scheduler_app.protect(name);
    execute format('grant select, insert, update, delete on scheduler.%I to scheduler_app', name);
  end loop;
end $$;
-- Append-only for services: only retention, which runs as another role, deletes.
revoke update, delete on scheduler.execution_logs, scheduler.audit from scheduler_app;
