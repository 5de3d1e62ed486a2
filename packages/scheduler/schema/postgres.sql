-- Generated from the migrated schema by `pnpm codegen`; never edited. The migrations are what counts.

create table scheduler.audit (
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

create table scheduler.execution_logs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  run_id uuid not null,
  sequence bigint not null,
  level text collate "C" not null,
  message text collate "C" not null,
  fields jsonb not null,
  logged_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_execution_logs PRIMARY KEY (tenant_id, id),
  constraint uq_execution_logs_run_id_sequence UNIQUE (tenant_id, run_id, sequence),
  constraint ck_execution_logs_level CHECK ((level = ANY (ARRAY['trace'::text, 'debug'::text, 'info'::text, 'warn'::text, 'error'::text])))
);

create table scheduler.graph_job_events (
  tenant_id text collate "C" not null,
  graph_job_id uuid not null,
  ordinal integer not null,
  status text collate "C" not null,
  payload jsonb,
  occurred_at timestamp(3) with time zone not null,
  constraint pk_graph_job_events PRIMARY KEY (tenant_id, graph_job_id, ordinal),
  constraint fk_graph_job_events_graph_jobs FOREIGN KEY (tenant_id, graph_job_id) REFERENCES scheduler.graph_jobs(tenant_id, id) ON DELETE CASCADE,
  constraint ck_graph_job_events_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);

create table scheduler.graph_jobs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  kind text collate "C" not null,
  status text collate "C" not null,
  payload jsonb not null,
  correlation_id text collate "C",
  available_at timestamp(3) with time zone not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  last_error text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_graph_jobs PRIMARY KEY (tenant_id, id),
  constraint ck_graph_jobs_kind CHECK ((kind = ANY (ARRAY['build'::text, 'overlay'::text]))),
  constraint ck_graph_jobs_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);

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
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_impact_snapshots PRIMARY KEY (tenant_id, id),
  constraint uq_impact_snapshots_run_id UNIQUE (tenant_id, run_id)
);

create table scheduler.locks (
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
  available_at timestamp(3) with time zone not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  last_error text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_policy_jobs PRIMARY KEY (tenant_id, id),
  constraint uq_policy_jobs_run_id UNIQUE (tenant_id, run_id),
  constraint ck_policy_jobs_mode CHECK ((mode = ANY (ARRAY['full'::text, 'incremental'::text, 'simulate'::text]))),
  constraint ck_policy_jobs_priority CHECK ((priority = ANY (ARRAY['emergency'::text, 'high'::text, 'normal'::text]))),
  constraint ck_policy_jobs_status CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text, 'replay_pending'::text])))
);

create table scheduler.run_summaries (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid not null,
  last_run_id uuid,
  last_state text collate "C",
  last_finished_at timestamp(3) with time zone,
  runs bigint not null,
  failures bigint not null,
  last_completed_at timestamp(3) with time zone,
  counters jsonb not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_run_summaries PRIMARY KEY (tenant_id, id),
  constraint uq_run_summaries_schedule_id UNIQUE (tenant_id, schedule_id),
  constraint ck_run_summaries_last_state CHECK ((last_state = ANY (ARRAY['planning'::text, 'queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);

create table scheduler.runs (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid,
  fire_at timestamp(3) with time zone,
  trigger_kind text collate "C" not null,
  state text collate "C" not null,
  reason jsonb not null,
  stats jsonb not null,
  finding_count bigint generated always as (
CASE
    WHEN ((jsonb_typeof((stats -> 'findingCount'::text)) = 'number'::text) AND ((((stats ->> 'findingCount'::text))::numeric >= (0)::numeric) AND (((stats ->> 'findingCount'::text))::numeric <= ('9007199254740991'::bigint)::numeric))) THEN (trunc(((stats ->> 'findingCount'::text))::numeric))::bigint
    ELSE NULL::bigint
END) stored,
  started_at timestamp(3) with time zone,
  finished_at timestamp(3) with time zone,
  error text collate "C",
  retry_of uuid,
  summarised_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_runs PRIMARY KEY (tenant_id, id),
  constraint uq_runs_schedule_id_fire_at UNIQUE (tenant_id, schedule_id, fire_at),
  constraint ck_runs_state CHECK ((state = ANY (ARRAY['planning'::text, 'queued'::text, 'running'::text, 'completed'::text, 'failed'::text, 'canceled'::text]))),
  constraint ck_runs_trigger_kind CHECK ((trigger_kind = ANY (ARRAY['cron'::text, 'advisory_delta'::text, 'vex_delta'::text, 'manual'::text])))
);

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
  deleted_at timestamp(3) with time zone,
  deleted_by text collate "C",
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_schedules PRIMARY KEY (tenant_id, id),
  constraint ck_schedules_misfire CHECK ((misfire = ANY (ARRAY['skip'::text, 'fire_once'::text, 'fire_each'::text]))),
  constraint ck_schedules_mode CHECK ((mode = ANY (ARRAY['analysis_only'::text, 'content_refresh'::text])))
);

create table scheduler.triggers (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  schedule_id uuid not null,
  next_fire_at timestamp(3) with time zone,
  last_fire_at timestamp(3) with time zone,
  misfires bigint not null,
  attempts bigint not null,
  lease_holder text collate "C",
  lease_until timestamp(3) with time zone,
  claim_id uuid,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_triggers PRIMARY KEY (tenant_id, id),
  constraint uq_triggers_schedule_id UNIQUE (tenant_id, schedule_id)
);

create table scheduler.workers (
  tenant_id text collate "C" not null,
  id uuid not null,
  revision bigint not null,
  worker_id text collate "C" not null,
  host text collate "C" not null,
  version text collate "C" not null,
  capabilities text[] collate "C" not null,
  started_at timestamp(3) with time zone not null,
  heartbeat_at timestamp(3) with time zone not null,
  status text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint pk_workers PRIMARY KEY (tenant_id, id),
  constraint uq_workers_worker_id UNIQUE (tenant_id, worker_id),
  constraint ck_workers_status CHECK ((status = ANY (ARRAY['active'::text, 'draining'::text, 'expired'::text])))
);

CREATE INDEX idx_audit_occurred_at ON scheduler.audit USING btree (tenant_id, occurred_at, id);
CREATE INDEX idx_audit_target_kind_target_id_occurred_at ON scheduler.audit USING btree (tenant_id, target_kind, target_id, occurred_at, id);

CREATE INDEX idx_execution_logs_logged_at ON scheduler.execution_logs USING btree (tenant_id, logged_at, id);

CREATE INDEX idx_graph_jobs_claim ON scheduler.graph_jobs USING btree (tenant_id, available_at, id) WHERE (status = 'queued'::text);
CREATE INDEX idx_graph_jobs_lease ON scheduler.graph_jobs USING btree (tenant_id, lease_until, id) WHERE (status = 'running'::text);
CREATE INDEX idx_graph_jobs_status_created_at ON scheduler.graph_jobs USING btree (tenant_id, status, created_at, id);

CREATE INDEX idx_policy_jobs_claim ON scheduler.policy_jobs USING btree (tenant_id, priority_rank, available_at, id) WHERE (status = 'queued'::text);
CREATE INDEX idx_policy_jobs_lease ON scheduler.policy_jobs USING btree (tenant_id, lease_until, id) WHERE (status = 'running'::text);

CREATE INDEX idx_runs_schedule_id_created_at ON scheduler.runs USING btree (tenant_id, schedule_id, created_at, id);
CREATE INDEX idx_runs_state_created_at ON scheduler.runs USING btree (tenant_id, state, created_at, id);
CREATE INDEX idx_runs_trigger_kind_created_at ON scheduler.runs USING btree (tenant_id, trigger_kind, created_at, id) WHERE (finding_count >= 1);

CREATE INDEX idx_schedules_name ON scheduler.schedules USING btree (tenant_id, name, id) WHERE ((deleted_at IS NULL) AND enabled);
CREATE UNIQUE INDEX uq_schedules_name ON scheduler.schedules USING btree (tenant_id, name) WHERE (deleted_at IS NULL);

CREATE INDEX idx_triggers_next_fire_at ON scheduler.triggers USING btree (tenant_id, next_fire_at, id) WHERE (next_fire_at IS NOT NULL);

CREATE INDEX idx_workers_heartbeat_at ON scheduler.workers USING btree (tenant_id, heartbeat_at, id) WHERE (status <> 'expired'::text);

alter table scheduler.audit enable row level security, force row level security;
alter table scheduler.execution_logs enable row level security, force row level security;
alter table scheduler.graph_job_events enable row level security, force row level security;
alter table scheduler.graph_jobs enable row level security, force row level security;
alter table scheduler.impact_snapshots enable row level security, force row level security;
alter table scheduler.locks enable row level security, force row level security;
alter table scheduler.policy_jobs enable row level security, force row level security;
alter table scheduler.run_summaries enable row level security, force row level security;
alter table scheduler.runs enable row level security, force row level security;
alter table scheduler.schedules enable row level security, force row level security;
alter table scheduler.triggers enable row level security, force row level security;
alter table scheduler.workers enable row level security, force row level security;

create policy audit_delete on scheduler.audit for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy audit_insert on scheduler.audit for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy audit_select on scheduler.audit for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy audit_update on scheduler.audit for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy execution_logs_delete on scheduler.execution_logs for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy execution_logs_insert on scheduler.execution_logs for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy execution_logs_select on scheduler.execution_logs for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy execution_logs_update on scheduler.execution_logs for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy graph_job_events_delete on scheduler.graph_job_events for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy graph_job_events_insert on scheduler.graph_job_events for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy graph_job_events_select on scheduler.graph_job_events for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy graph_job_events_update on scheduler.graph_job_events for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy graph_jobs_delete on scheduler.graph_jobs for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy graph_jobs_insert on scheduler.graph_jobs for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy graph_jobs_select on scheduler.graph_jobs for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy graph_jobs_update on scheduler.graph_jobs for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy impact_snapshots_delete on scheduler.impact_snapshots for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy impact_snapshots_insert on scheduler.impact_snapshots for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy impact_snapshots_select on scheduler.impact_snapshots for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy impact_snapshots_update on scheduler.impact_snapshots for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy locks_delete on scheduler.locks for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy locks_insert on scheduler.locks for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy locks_select on scheduler.locks for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy locks_update on scheduler.locks for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy policy_jobs_delete on scheduler.policy_jobs for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy policy_jobs_insert on scheduler.policy_jobs for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy policy_jobs_select on scheduler.policy_jobs for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy policy_jobs_update on scheduler.policy_jobs for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy run_summaries_delete on scheduler.run_summaries for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy run_summaries_insert on scheduler.run_summaries for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy run_summaries_select on scheduler.run_summaries for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy run_summaries_update on scheduler.run_summaries for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy runs_delete on scheduler.runs for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy runs_insert on scheduler.runs for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy runs_select on scheduler.runs for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy runs_update on scheduler.runs for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy schedules_delete on scheduler.schedules for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy schedules_insert on scheduler.schedules for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy schedules_select on scheduler.schedules for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy schedules_update on scheduler.schedules for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy triggers_delete on scheduler.triggers for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy triggers_insert on scheduler.triggers for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy triggers_select on scheduler.triggers for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy triggers_update on scheduler.triggers for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

create policy workers_delete on scheduler.workers for delete using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy workers_insert on scheduler.workers for insert with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));
create policy workers_select on scheduler.workers for select using ((tenant_id = ANY (ARRAY[( SELECT scheduler_app.require_current_tenant() AS require_current_tenant), '@global'::text])));
create policy workers_update on scheduler.workers for update using ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant))) with check ((tenant_id = ( SELECT scheduler_app.require_current_tenant() AS require_current_tenant)));

CREATE OR REPLACE PROCEDURE scheduler_app."freeze"(IN name text, IN field text, IN value text, IN reference text DEFAULT NULL::text, VARIADIC children text[] DEFAULT '{}'::text[])
 LANGUAGE plpgsql
AS $procedure$
declare
  child text;
  kind text[];
begin
  execute format('create trigger %I before update or delete on "scheduler".%I for each row when (old.%I = %L and not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''scheduler_owner'', ''usage'')) execute function "scheduler_app".refuse_frozen()', name || '_frozen', name, field, value);
  foreach child in array children loop
    foreach kind slice 1 in array array[['insert', 'new table as changed'], ['update', 'old table as gone new table as changed'], ['delete', 'old table as changed']] loop
      execute format('create trigger %I after %s on "scheduler".%I referencing %s for each statement when (not pg_has_role(current_user, ''stella_replicator'', ''usage'') and not pg_has_role(current_user, ''scheduler_owner'', ''usage'')) execute function "scheduler_app".refuse_of_frozen(%L, %L, %L, %L)', child || '_frozen_' || kind[1], kind[1], child, kind[2], name, reference, field, value);
    end loop;
  end loop;
end $procedure$;
alter routine scheduler_app."freeze"(text,text,text,text,text[]) owner to scheduler_owner;

CREATE OR REPLACE FUNCTION scheduler_app.bury_audit(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "scheduler".audit t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids) and t.occurred_at < now() - interval '1 hour' * 24 * 30 + interval '1 hour';
  if exists (select from "scheduler".audit t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'audit: what is younger than 30 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine scheduler_app.bury_audit(uuid[]) owner to scheduler_owner;
grant execute on routine scheduler_app.bury_audit(uuid[]) to scheduler_app;
grant execute on routine scheduler_app.bury_audit(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION scheduler_app.bury_execution_logs(ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  delete from "scheduler".execution_logs t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids) and t.logged_at < now() - interval '1 hour' * 24 * 7 + interval '1 hour';
  if exists (select from "scheduler".execution_logs t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception 'execution_logs: what is younger than 7 days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $function$;
alter routine scheduler_app.bury_execution_logs(uuid[]) owner to scheduler_owner;
grant execute on routine scheduler_app.bury_execution_logs(uuid[]) to scheduler_app;
grant execute on routine scheduler_app.bury_execution_logs(uuid[]) to stella_replicator;

CREATE OR REPLACE FUNCTION scheduler_app.due_tenants(kind text, at timestamp with time zone, row_limit integer)
 RETURNS TABLE(tenant_id text)
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  case kind
  when 'triggers' then return query
    with recursive waiting as (
      (select t.tenant_id as tenant, t.next_fire_at as since from scheduler.triggers t
        where t.next_fire_at is not null order by t.tenant_id, t.next_fire_at limit 1)
      union all
      select n.tenant_id, n.next_fire_at from waiting w cross join lateral
        (select t.tenant_id, t.next_fire_at from scheduler.triggers t
          where t.next_fire_at is not null and t.tenant_id > w.tenant order by t.tenant_id, t.next_fire_at limit 1) n)
    select w.tenant from waiting w where w.since <= at order by w.since, w.tenant limit row_limit;
  when 'policy_jobs' then return query
    with recursive tenants as (
      (select j.tenant_id as tenant from scheduler.policy_jobs j where j.status = 'queued' order by j.tenant_id limit 1)
      union all
      select n.tenant_id from tenants w cross join lateral
        (select j.tenant_id from scheduler.policy_jobs j where j.status = 'queued' and j.tenant_id > w.tenant order by j.tenant_id limit 1) n),
    holders as (
      (select j.tenant_id as tenant from scheduler.policy_jobs j where j.status = 'running' order by j.tenant_id limit 1)
      union all
      select n.tenant_id from holders w cross join lateral
        (select j.tenant_id from scheduler.policy_jobs j where j.status = 'running' and j.tenant_id > w.tenant order by j.tenant_id limit 1) n),
    waiting as (
      select w.tenant, j.available_at as since from tenants w cross join generate_series(0, 2) as rank cross join lateral
        (select j.available_at from scheduler.policy_jobs j
          where j.status = 'queued' and j.tenant_id = w.tenant and j.priority_rank = rank order by j.available_at limit 1) j
      union all
      select w.tenant, j.lease_until from holders w cross join lateral
        (select j.lease_until from scheduler.policy_jobs j
          where j.status = 'running' and j.tenant_id = w.tenant order by j.lease_until limit 1) j)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  when 'graph_jobs' then return query
    with recursive tenants as (
      (select j.tenant_id as tenant, j.available_at as since from scheduler.graph_jobs j
        where j.status = 'queued' order by j.tenant_id, j.available_at limit 1)
      union all
      select n.tenant_id, n.available_at from tenants w cross join lateral
        (select j.tenant_id, j.available_at from scheduler.graph_jobs j
          where j.status = 'queued' and j.tenant_id > w.tenant order by j.tenant_id, j.available_at limit 1) n),
    holders as (
      (select j.tenant_id as tenant, j.lease_until as since from scheduler.graph_jobs j
        where j.status = 'running' order by j.tenant_id, j.lease_until limit 1)
      union all
      select n.tenant_id, n.lease_until from holders w cross join lateral
        (select j.tenant_id, j.lease_until from scheduler.graph_jobs j
          where j.status = 'running' and j.tenant_id > w.tenant order by j.tenant_id, j.lease_until limit 1) n),
    waiting as (select * from tenants union all select * from holders)
    select w.tenant from waiting w where w.since <= at group by w.tenant order by min(w.since), w.tenant limit row_limit;
  else raise exception 'no work of kind %', kind using errcode = '22023';
  end case;
end $function$;
alter routine scheduler_app.due_tenants(text,timestamp with time zone,integer) owner to stella_replicator;
grant execute on routine scheduler_app.due_tenants(text,timestamp with time zone,integer) to scheduler_app;

CREATE OR REPLACE FUNCTION scheduler_app.no_tenant()
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  raise exception 'no tenant is set: every statement runs under app.tenant_id' using errcode = '42501';
end $function$;
alter routine scheduler_app.no_tenant() owner to scheduler_owner;
grant execute on routine scheduler_app.no_tenant() to public;

CREATE OR REPLACE PROCEDURE scheduler_app.protect(IN name text)
 LANGUAGE plpgsql
AS $procedure$
declare
  own constant text := 'tenant_id = (select "scheduler_app".require_current_tenant())';
begin
  execute format('alter table "scheduler".%I enable row level security', name);
  execute format('alter table "scheduler".%I force row level security', name);
  execute format('create policy %I on "scheduler".%I for select using (tenant_id = any (array[(select "scheduler_app".require_current_tenant()), ''@global'']))', name || '_select', name);
  execute format('create policy %I on "scheduler".%I for insert with check (%s)', name || '_insert', name, own);
  execute format('create policy %I on "scheduler".%I for update using (%s) with check (%s)', name || '_update', name, own, own);
  execute format('create policy %I on "scheduler".%I for delete using (%s)', name || '_delete', name, own);
end $procedure$;
alter routine scheduler_app.protect(text) owner to scheduler_owner;

CREATE OR REPLACE FUNCTION scheduler_app.purge_audit(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "scheduler".audit t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (array(
    select o.id from "scheduler".audit o where o.tenant_id = (select "scheduler_app".require_current_tenant()) and o.occurred_at < least(before, now() - interval '1 hour' * 24 * 30)
    order by o.occurred_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine scheduler_app.purge_audit(timestamp with time zone,integer) owner to scheduler_owner;
grant execute on routine scheduler_app.purge_audit(timestamp with time zone,integer) to scheduler_app;
grant execute on routine scheduler_app.purge_audit(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION scheduler_app.purge_execution_logs(before timestamp with time zone, row_limit integer)
 RETURNS TABLE(id uuid, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return query delete from "scheduler".execution_logs t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (array(
    select o.id from "scheduler".execution_logs o where o.tenant_id = (select "scheduler_app".require_current_tenant()) and o.logged_at < least(before, now() - interval '1 hour' * 24 * 7)
    order by o.logged_at, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $function$;
alter routine scheduler_app.purge_execution_logs(timestamp with time zone,integer) owner to scheduler_owner;
grant execute on routine scheduler_app.purge_execution_logs(timestamp with time zone,integer) to scheduler_app;
grant execute on routine scheduler_app.purge_execution_logs(timestamp with time zone,integer) to stella_replicator;

CREATE OR REPLACE FUNCTION scheduler_app.refuse_change(name text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception 'a row of % that is frozen never changes', name using errcode = 'ST004', table = name;
end $function$;
alter routine scheduler_app.refuse_change(text) owner to scheduler_owner;
grant execute on routine scheduler_app.refuse_change(text) to public;

CREATE OR REPLACE FUNCTION scheduler_app.refuse_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform "scheduler_app".refuse_change(tg_table_name);
  return null;
end $function$;
alter routine scheduler_app.refuse_frozen() owner to scheduler_owner;
grant execute on routine scheduler_app.refuse_frozen() to public;

CREATE OR REPLACE FUNCTION scheduler_app.refuse_of_frozen()
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
    'select r.%I = %L and r.xmin <> pg_current_xact_id()::xid from (select distinct * from (%s) t) c join "scheduler".%I r using (tenant_id, id) for share of r',
    tg_argv[2], tg_argv[3], touched, tg_argv[0]) loop
    if frozen then
      perform "scheduler_app".refuse_change(tg_argv[0]);
    end if;
  end loop;
  return null;
end $function$;
alter routine scheduler_app.refuse_of_frozen() owner to stella_replicator;
grant execute on routine scheduler_app.refuse_of_frozen() to scheduler_owner;

CREATE OR REPLACE FUNCTION scheduler_app.require_current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select coalesce(nullif(current_setting('app.tenant_id', true), ''), "scheduler_app".no_tenant())
$function$;
alter routine scheduler_app.require_current_tenant() owner to scheduler_owner;
grant execute on routine scheduler_app.require_current_tenant() to public;
grant execute on routine scheduler_app.require_current_tenant() to scheduler_app;
grant execute on routine scheduler_app.require_current_tenant() to stella_replicator;

CREATE OR REPLACE PROCEDURE scheduler_app.retain(IN name text, IN by text, IN days integer)
 LANGUAGE plpgsql
AS $procedure$
declare
  floor constant text := format('now() - interval ''1 hour'' * 24 * %s', days);
begin
  execute format($make$create or replace function "scheduler_app".%2$I(before timestamptz, row_limit integer)
returns table (id uuid, revision bigint) language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  return query delete from "scheduler".%1$I t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (array(
    select o.id from "scheduler".%1$I o where o.tenant_id = (select "scheduler_app".require_current_tenant()) and o.%3$I < least(before, %4$s)
    order by o.%3$I, o.id limit least(row_limit, 1000) for update skip locked))
  returning t.id, t.revision + 1;
end $body$ $make$, name, 'purge_' || name, by, floor);
  execute format($make$create or replace function "scheduler_app".%2$I(ids uuid[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
begin
  delete from "scheduler".%1$I t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids) and t.%3$I < %4$s + interval '1 hour';
  if exists (select from "scheduler".%1$I t where t.tenant_id = (select "scheduler_app".require_current_tenant()) and t.id = any (ids)) then
    raise exception '%1$s: what is younger than %5$s days is not deleted, whoever deletes it elsewhere' using errcode = 'ST006';
  end if;
end $body$ $make$, name, 'bury_' || name, by, floor, days);
  execute format('revoke all on function "scheduler_app".%I(timestamptz, integer), "scheduler_app".%I(uuid[]) from public', 'purge_' || name, 'bury_' || name);
  execute format('grant execute on function "scheduler_app".%I(timestamptz, integer), "scheduler_app".%I(uuid[]) to "scheduler_app", stella_replicator', 'purge_' || name, 'bury_' || name);
end $procedure$;
alter routine scheduler_app.retain(text,text,integer) owner to scheduler_owner;

grant insert, select on scheduler.audit to scheduler_app;
grant delete, insert, select, update on scheduler.audit to stella_replicator;
grant insert, select on scheduler.execution_logs to scheduler_app;
grant delete, insert, select, update on scheduler.execution_logs to stella_replicator;
grant delete, insert, select, update on scheduler.graph_job_events to scheduler_app;
grant delete, insert, select, update on scheduler.graph_job_events to stella_replicator;
grant delete, insert, select, update on scheduler.graph_jobs to scheduler_app;
grant delete, insert, select, update on scheduler.graph_jobs to stella_replicator;
grant delete, insert, select, update on scheduler.impact_snapshots to scheduler_app;
grant delete, insert, select, update on scheduler.impact_snapshots to stella_replicator;
grant delete, insert, select, update on scheduler.locks to scheduler_app;
grant delete, insert, select, update on scheduler.locks to stella_replicator;
grant delete, insert, select, update on scheduler.policy_jobs to scheduler_app;
grant delete, insert, select, update on scheduler.policy_jobs to stella_replicator;
grant delete, insert, select, update on scheduler.run_summaries to scheduler_app;
grant delete, insert, select, update on scheduler.run_summaries to stella_replicator;
grant delete, insert, select, update on scheduler.runs to scheduler_app;
grant delete, insert, select, update on scheduler.runs to stella_replicator;
grant delete, insert, select, update on scheduler.schedules to scheduler_app;
grant delete, insert, select, update on scheduler.schedules to stella_replicator;
grant delete, insert, select, update on scheduler.triggers to scheduler_app;
grant delete, insert, select, update on scheduler.triggers to stella_replicator;
grant delete, insert, select, update on scheduler.workers to scheduler_app;
grant delete, insert, select, update on scheduler.workers to stella_replicator;
