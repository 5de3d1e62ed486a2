import { normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { exceptions, type PolicyException } from "../aggregates.ts";
import { cleanExpiry, draftOf, moved, namesOf, notPut, revoked } from "../domain/exceptions.ts";
import type { ExceptionRevocation, Exceptions, ExceptionTransition } from "../repositories/exceptions.ts";

const verbs = table(exceptions);

const active = verbs.list("listActive", { order: ["effectiveAt"] });

export class MongoExceptions extends MongoRepository<typeof exceptions> implements Exceptions {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(exception: PolicyException, expected: bigint) {
    revisionOf(expected);
    const clean = draftOf(exception);
    if (expected === 0n) return super.put(clean, expected);
    const { id, ...set } = clean;
    const changed = await this.changeOne({ where: { id, revision: expected, status: "draft" }, set });
    if (changed === null) throw notPut(await this.get(id), this.unit.tenant, expected);
    return changed.revision;
  }

  async findByExceptionId(exceptionId: string) {
    return this.first(normaliseKey(exceptions, { exceptionId }));
  }

  async transition(transition: ExceptionTransition) {
    return this.changeOne(moved(transition));
  }

  async revoke(revocation: ExceptionRevocation) {
    return this.changeOne(revoked(revocation));
  }

  async listActive(when: Date, of: string, request: PageRequest = {}) {
    const { effectiveAt: at, vulnerability } = normaliseKey(exceptions, { effectiveAt: when, vulnerability: of });
    const holds = { status: "active", vulnerability, effectiveAt: { $lte: at }, expiresAt: { $gt: at } } as const;
    return this.page(active, { vulnerability, at }, holds, request);
  }

  /** No update gives back what it changed of several: what is chosen is chosen in the snapshot that it is changed in. */
  async expireDue(when: Date, most: number) {
    const { at, limit } = cleanExpiry({ at: when, limit: most });
    return this.atomically(async (repository) => {
      const over = { status: "active", expiresAt: { $lte: at } } as const;
      const first = { sort: { expiresAt: 1, id: 1 }, limit } as const;
      const found = await repository.pick(over, ["exceptionId", "expiresAt"], first);
      await repository.changeAll(found, { $set: { status: "expired", updatedAt: at } });
      return namesOf(found);
    });
  }
}
