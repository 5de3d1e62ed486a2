-- What every installation begins with: two tenants and the system roles. The same as src/seeds.ts, which a test holds.
set local app.tenant_id = 'default';
insert into authority.tenants (tenant_id, id, revision, display_name, status, settings, created_at, updated_at) values
  ('default', '019b7000-0000-7000-8000-000000000001', 1, 'Default', 'active', '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
on conflict do nothing;

set local app.tenant_id = 'installation';
insert into authority.tenants (tenant_id, id, revision, display_name, status, settings, created_at, updated_at) values
  ('installation', '019b7000-0000-7000-8000-000000000002', 1, 'Installation', 'active', '{}', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
on conflict do nothing;

set local app.tenant_id = '@global';
insert into authority.roles (tenant_id, id, revision, name, display_name, description, scopes, is_system, created_at, updated_at) values
  ('@global', '019b7000-0000-7000-8000-000000000011', 1, 'administrator', 'Administrator', 'Manages tenants, users, clients and licenses.',
    array['authority:read', 'authority:write', 'policy:read', 'policy:write', 'scheduler:read', 'scheduler:write'], true, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
  ('@global', '019b7000-0000-7000-8000-000000000012', 1, 'operator', 'Operator', 'Runs schedules and works on findings.',
    array['policy:read', 'scheduler:read', 'scheduler:write'], true, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
  ('@global', '019b7000-0000-7000-8000-000000000013', 1, 'viewer', 'Viewer', 'Reads, and changes nothing.',
    array['policy:read', 'scheduler:read'], true, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
on conflict do nothing;
