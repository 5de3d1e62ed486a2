import { quoted, type MigrationModule } from "../module.ts";

export const ledgerOf = (module: MigrationModule): string => `${quoted(module.schema)}.schema_migrations`;

/**
 * Run under the lock. `applied_at` is the beginning while a file is `running`, the end when it is `applied`. The
 * application's role reads the ledger and writes nothing there, whatever the schema's default privileges say.
 */
export const createLedger = (module: MigrationModule, app: string): string => `
create table if not exists ${ledgerOf(module)} (
  migration_name text collate "C" constraint pk_schema_migrations primary key,
  category text not null
    constraint ck_schema_migrations_category check (category in ('startup', 'release', 'seed', 'data')),
  checksum text not null,
  state text not null constraint ck_schema_migrations_state check (state in ('running', 'applied')),
  cursor jsonb,
  rows_done bigint not null default 0,
  applied_at timestamptz(3) not null,
  applied_by text not null,
  duration_ms bigint not null default 0
);
do $$ begin
  if exists (select from pg_roles where rolname = '${app}') then
    revoke all on ${ledgerOf(module)} from ${quoted(app)};
    grant select on ${ledgerOf(module)} to ${quoted(app)};
  end if;
end $$`;

export const readLedger = (module: MigrationModule): string => `
select migration_name as name, category, checksum, state, cursor, rows_done::text as rows_done,
  applied_at, applied_by, duration_ms::int as duration_ms
from ${ledgerOf(module)} order by migration_name`;

/** Affects no row when another runner has the file: the second guard, should the lock ever be lost. */
export const beginRow = (module: MigrationModule): string => `
insert into ${ledgerOf(module)} (migration_name, category, checksum, state, applied_at, applied_by)
values ($1, $2, $3, 'running', clock_timestamp(), session_user)
on conflict (migration_name) do nothing`;

/** $2 cursor, $3 rows of this batch, $4 checksum, $5 milliseconds of this step. */
export const progressRow = (module: MigrationModule): string => `
update ${ledgerOf(module)} set cursor = $2, rows_done = rows_done + $3, checksum = $4, duration_ms = duration_ms + $5
where migration_name = $1`;

export const finishRow = (module: MigrationModule): string => `
update ${ledgerOf(module)} set state = 'applied', cursor = null, applied_at = clock_timestamp(),
  applied_by = session_user, duration_ms = duration_ms + $2
where migration_name = $1`;
