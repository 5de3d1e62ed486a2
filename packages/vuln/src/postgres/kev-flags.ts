import { cleanBatch, ingested, normalisePart, refuseAbove } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { kevFlags, type KevFlag } from "../aggregates.ts";
import { planFlags } from "../domain/kev.ts";
import type { KevFlags } from "../repositories/kev-flags.ts";
import type { DB } from "./generated/database.ts";

const { statement, whole, ...verbs } = table<DB, "kev_flags", typeof kevFlags>(kevFlags);

const own = statement<object>()((db, { tenant }) =>
  db.selectFrom("kev_flags").select(whole).where("tenant_id", "=", tenant).forUpdate(),
);

const exploited = statement<{ cves: readonly string[] }>()((db, { tenant, cves }) =>
  db
    .selectFrom("kev_flags")
    .select("cve")
    .distinct()
    .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
    .where(sql<boolean>`cve = any(${cves}::text[])`)
    .orderBy("cve"),
);

export class PostgresKevFlags extends PostgresRepository<typeof kevFlags> implements KevFlags {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async replaceAll(flags: readonly KevFlag[]) {
    const clean = cleanBatch(kevFlags, flags, 20_000, ({ cve }) => cve);
    return this.atomically(async (repository) => {
      await repository.takeTurn();
      const known = await repository.many(own, {});
      const plan = planFlags(known, clean);
      await repository.writeAll({ ...plan, remove: plan.gone });
      return { ...ingested(plan), deleted: plan.gone.length };
    });
  }

  async isKnownExploited(cves: readonly string[]) {
    refuseAbove(10_000, cves.length);
    const asked = cves.map((cve) => normalisePart(kevFlags, { cve }).cve);
    return (await this.rows(exploited, { cves: asked })).map(({ cve }) => cve);
  }
}
