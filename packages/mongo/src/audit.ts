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
import { listOf } from "./pages.ts";
import type { DocumentOf } from "./reader.ts";
import { MongoRepository } from "./repository.ts";
import type { Where } from "./where.ts";

/** For append-only aggregates with `auditFields`. */
export abstract class MongoAudit<A extends Aggregate<string, AuditShape>>
  extends MongoRepository<A>
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
    return this.page(ofTarget(this.definition), target, target as unknown as Where<DocumentOf<A>>, request);
  }
}

const ofTarget = perAggregate((definition) => listOf(definition, "listByTarget", ["occurredAt"], "desc"));
