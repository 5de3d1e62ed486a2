import { byBytes, cleanBatch, ingested, normalisePart, refuseAbove } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { kevFlags, type KevFlag } from "../aggregates.ts";
import { planFlags } from "../domain/kev.ts";
import type { KevFlags } from "../repositories/kev-flags.ts";

const verbs = table(kevFlags);

export class MongoKevFlags extends MongoRepository<typeof kevFlags> implements KevFlags {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async replaceAll(flags: readonly KevFlag[]) {
    const clean = cleanBatch(kevFlags, flags, 20_000, ({ cve }) => cve);
    return this.atomically(async (repository) => {
      await repository.takeTurn();
      const known = await repository.own({});
      const plan = planFlags(known, clean);
      await repository.writeAll({ ...plan, remove: plan.gone });
      return { ...ingested(plan), deleted: plan.gone.length };
    });
  }

  async isKnownExploited(cves: readonly string[]) {
    refuseAbove(10_000, cves.length);
    const asked = cves.map((cve) => normalisePart(kevFlags, { cve }).cve);
    const found = await this.visible({ cve: { $in: asked } });
    return [...new Set(found.map(({ cve }) => cve))].toSorted(byBytes);
  }
}
