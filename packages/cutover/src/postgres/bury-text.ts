import { retentionOf, snake, type Aggregate } from "@stellaops/kernel";

/** Where an apply finds the states that it has just entered: `r`, joined with their entries. */
export interface Entered {
  readonly keyed: string;
  readonly won: string;
}

/**
 * What a service does in the place of DELETE, which it lacks on what is append-only: the function that the migration has made by `retain`
 * takes what was purged at the other database, and refuses what is younger than the rule keeps. What was purged and appended again is
 * replaced, where it is old; another young row of that id stays as it is.
 */
export function buryText(aggregate: Aggregate, { keyed, won }: Entered): string {
  const { module, table } = aggregate;
  const { by, least } = retentionOf(aggregate);
  const old = `t."${snake(by)}" < now() - interval '1 hour' * ${24 * least}`;
  return `select "${module}_app"."bury_${table}"(array(select t.id from "${module}"."${table}" t, json_to_recordset($2::json) ${keyed} ${won}
 where t.tenant_id = $1 and t.id = r.id and (r.deleted or t.revision <> r.revision and ${old})))`;
}
