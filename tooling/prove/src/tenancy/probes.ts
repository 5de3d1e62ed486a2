import { GLOBAL, tenantId } from "@stellaops/kernel";
import { singleUnit, type Postgres } from "@stellaops/postgres";
import type { Random } from "../random.ts";
import type { Callers } from "./calls.ts";
import { tenants } from "./tenants.ts";

/** What no repository does: statements that forget the tenant. Row-level security is the net under them. */
export async function probe({ pool }: Postgres, callers: Callers, random: Random): Promise<void> {
  const tenant = tenantId(random.pick(tenants.filter((one) => one !== GLOBAL)));
  callers.calls += 1;
  try {
    if (random.chance(0.5)) await withoutPredicate(pool, tenant, callers);
    else await withoutScope(pool, callers);
  } catch (error) {
    callers.fail(error);
  }
}

const everything = `select tenant_id as "tenantId", primary_id as "primaryId", title from vuln.advisories`;

async function withoutPredicate(pool: Postgres["pool"], tenant: ReturnType<typeof tenantId>, callers: Callers) {
  const [found] = await singleUnit(pool, { tenant, writes: false }).run([
    { name: "prove.everything", text: everything, values: [] },
  ]);
  for (const row of found?.rows ?? []) callers.see(tenant, row);
}

/** On a connection that has served other tenants: what they left behind is no tenant. */
async function withoutScope(pool: Postgres["pool"], callers: Callers): Promise<void> {
  const answer = await pool.query(everything).then(
    ({ rowCount }) => `${rowCount} rows`,
    ({ code }: { readonly code?: string }) => (code === "42501" ? "refused" : "no answer"),
  );
  if (answer.endsWith("rows")) callers.foreign.push(`a statement without any tenant was given ${answer}`);
  else callers.errors.set(`without a tenant: ${answer}`, (callers.errors.get(`without a tenant: ${answer}`) ?? 0) + 1);
}
