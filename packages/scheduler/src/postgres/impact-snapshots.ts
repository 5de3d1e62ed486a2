import { Cursors, limitOf, normaliseKey, pageOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { impactSnapshots } from "../aggregates.ts";
import { replacedSnapshot, snapshotOf, unchanged } from "../domain/impact.ts";
import type { Impact, ImpactSnapshots } from "../repositories/impact-snapshots.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "impact_snapshots", typeof impactSnapshots>(impactSnapshots);

const ofRun = byKey<{ runId: string }>("runId");

const imagesAfter = new Text(`select digest from (select image_digests from scheduler.impact_snapshots
    where tenant_id in ($1, '@global') and run_id = $2 order by tenant_id = $1 desc limit 1) s, unnest(s.image_digests) as digest
  where $3::text is null or digest collate "C" > $3 order by digest collate "C" limit $4`);

export class PostgresImpactSnapshots extends PostgresRepository<typeof impactSnapshots> implements ImpactSnapshots {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async putForRun(impact: Impact) {
    const snapshot = snapshotOf(impact);
    const { runId } = snapshot;
    const changed = await this.changeOne(replacedSnapshot(snapshot));
    if (changed !== null) return changed;
    const there = await this.ownBy({ runId });
    return there === null ? this.createOne(snapshot) : unchanged(there, snapshot);
  }

  async findByRun(runId: string) {
    return this.first(ofRun, normaliseKey(impactSnapshots, { runId }));
  }

  async images(id: string, request: PageRequest = {}) {
    const { runId } = normaliseKey(impactSnapshots, { runId: id });
    const limit = limitOf(request);
    const cursors = new Cursors("scheduler", "impact_snapshots", "images", this.unit.tenant, { runId });
    const [after = null] = cursors.decode(request.after, 1) ?? [];
    const { rows } = await this.run(imagesAfter.bind([this.unit.tenant, runId, after, limit + 1]));
    const digests = rows.map(({ digest }) => String(digest));
    return pageOf(digests, limit, (last) => cursors.encode([last]));
  }
}
