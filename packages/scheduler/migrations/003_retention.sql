-- stella: no-transaction
-- What lets services purge old records of tables in which they may not delete, and the index that finds the oldest.
create index concurrently idx_execution_logs_logged_at on scheduler.execution_logs (tenant_id, logged_at, id);
create index concurrently idx_audit_occurred_at on scheduler.audit (tenant_id, occurred_at, id);
call scheduler_app.retain('execution_logs', 'logged_at', 7);
call scheduler_app.retain('audit', 'occurred_at', 30);
