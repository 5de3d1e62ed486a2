import {
  auditBatch,
  normalisePart,
  perAggregate,
  type Aggregate,
  type AggregateOf,
  type Audit,
  type AuditShape,
  type Page,
  type PageRequest,
  type PurgeRequest,
  type Stored,
} from "@stellaops/kernel";
import { sql } from "kysely";
import { PostgresRepository } from "./repository.ts";
import { table } from "./table.ts";

interface Target {
  readonly targetKind: string;
  readonly targetId: string;
}
/** For append-only aggregates with `auditFields`. */
export abstract class PostgresAudit<A extends Aggregate<string, AuditShape>>
  extends PostgresRepository<A>
  implements Audit<A>
{
  append(entries: readonly AggregateOf<A>[]): Promise<void> {
    return this.appendAll(entries, auditBatch);
  }

  purge(request: PurgeRequest): Promise<number> {
    return this.purgeOld(request);
  }

  async listByTarget(kind: string, id: string, request: PageRequest = {}): Promise<Page<Stored<A>>> {
    const target = normalisePart<Aggregate<string, AuditShape>, "targetKind" | "targetId">(this.definition, {
      targetKind: kind,
      targetId: id,
    });
    return this.page(ofTarget(this.definition), target, request);
  }
}

const ofTarget = perAggregate((definition) =>
  table<Record<string, object>, string, Aggregate>(definition).list<Target>()("listByTarget", {
    order: ["occurredAt"],
    direction: "desc",
    where: (query, { targetKind, targetId }) =>
      query.where(sql<boolean>`target_kind = ${targetKind} and target_id = ${targetId}`),
  }),
);
