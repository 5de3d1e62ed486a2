import type { MongoFault, MongoMoment } from "@stellaops/testkit/faults";
import type { Rig } from "../rig.ts";
import type { Injector } from "./injector.ts";

export const sabotages = {
  "blind-retry": "a COMMIT whose answer was lost counts as not stored, and the unit is run again: effects twice",
  "trust-unknown": "a COMMIT whose answer was lost counts as stored: effects that were answered are not there",
} as const;

/** The server is made to lie to whoever settles a COMMIT: what the engine does then is what it would do without asking. */
export async function lieOnPostgres(rig: Rig, sabotage: string | null): Promise<void> {
  if (sabotage === null) return;
  const status = sabotage === "blind-retry" ? "aborted" : "committed";
  await rig.sql(`create schema sabotage;
create function sabotage.pg_xact_status(xid8) returns text language sql as $$ select '${status}' $$;
grant usage on schema sabotage to public;
alter role vuln_app in database ${rig.database} set search_path = sabotage, pg_catalog, public;`);
}

/** The same lie of MongoDB: to a COMMIT that is sent again. */
export function lieOnMongo(injector: Injector, sabotage: string | null) {
  return (moment: MongoMoment, transaction: string): MongoFault | undefined => {
    const again = moment === "commit" && injector.lost.has(transaction);
    if (sabotage !== null && again) return { reply: sabotage === "blind-retry" ? gone : { ok: 1 } };
    return injector.mongo(moment, transaction);
  };
}

const gone = {
  ok: 0,
  code: 251,
  codeName: "NoSuchTransaction",
  errmsg: "not known",
  errorLabels: ["TransientTransactionError"],
};
