import type { Statement } from "./batch.ts";
import { nameOf } from "./statement.ts";

const word = (text: string): Statement => ({ name: nameOf(text), text, values: [], silent: true });
export const begin = word("begin");
export const commit = word("commit");
export const rollback = word("rollback");

const setTenant = "select set_config('app.tenant_id', $1, true)";
/**
 * Who commits, and where. A transaction's number alone does not do: after a crash, and on a promoted standby, numbers of which nothing
 * had reached the log are given out again. Statistics are reset by every recovery from a crash and by no orderly restart.
 */
export const incarnation =
  "left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/' || coalesce(pg_stat_get_bgwriter_stat_reset_time()::text, '')";
const setUnit = `${setTenant}, pg_current_xact_id()::text as xact, ${incarnation} as incarnation`;
/** `transaction_timeout` is there from PostgreSQL 17 on; before, each statement and each pause has the cap for itself. */
const setCapped = `${setUnit},
 set_config(case when current_setting('server_version_num')::int < 170000 then 'statement_timeout' else 'transaction_timeout' end, $2, true),
 set_config('idle_in_transaction_session_timeout', $2, true)`;
const names = { tenant: nameOf(setTenant), unit: nameOf(setUnit), capped: nameOf(setCapped) };

/** Head of a flush that reads. */
export const scope = (tenant: string): Statement => ({
  name: names.tenant,
  text: setTenant,
  values: [tenant],
  silent: true,
});

/** Head of a transaction that writes: the scope, and by what its COMMIT can be settled. */
export const unitScope = (tenant: string, capMs: number | undefined): Statement =>
  capMs === undefined
    ? { name: names.unit, text: setUnit, values: [tenant] }
    : { name: names.capped, text: setCapped, values: [tenant, capMs] };
