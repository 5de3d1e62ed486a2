-- stella: no-transaction
-- What lets services purge old records of a table in which they may not delete, and the index that finds the oldest.
create index concurrently idx_login_attempts_occurred_at on authority.login_attempts (tenant_id, occurred_at, id);
call authority_app.retain('login_attempts', 'occurred_at', 30);
