import { byBytes, checkDue, type DueWork, type TenantId } from "@stellaops/kernel";
import { mapError } from "./errors.ts";
import type { Unit } from "./unit.ts";

/** Where work of a kind waits. */
export interface Waiting {
  readonly collection: string;
  /** The field that says since when. */
  readonly since: string;
  /** Equalities of what is waiting, in the order of the index. */
  readonly where: Readonly<Record<string, unknown>>;
  readonly index: string;
}

interface Found {
  readonly _id: TenantId;
  readonly since: Date;
}

/**
 * Every condition of an index from the tenant on, so that the server skips from tenant to tenant in it and reads no more than what is waiting.
 * Named, so that no trial of plans settles on another while little is stored.
 */
export abstract class MongoDueWork<K extends string> implements DueWork<K> {
  readonly #unit: Unit;
  readonly #waiting: Readonly<Record<K, readonly Waiting[]>>;

  constructor(unit: Unit, waiting: Readonly<Record<K, readonly Waiting[]>>) {
    this.#unit = unit;
    this.#waiting = waiting;
  }

  async dueTenants(kind: K, at: Date, limit: number): Promise<readonly TenantId[]> {
    checkDue(Object.keys(this.#waiting), { kind, at, limit });
    const found: Found[] = [];
    for (const one of this.#waiting[kind]) found.push(...(await this.#found(one, at, limit)));
    const ordered = found.toSorted((a, b) => a.since.getTime() - b.since.getTime() || byBytes(a._id, b._id));
    return [...new Set(ordered.map(({ _id }) => _id))].slice(0, limit);
  }

  async #found({ collection, since, where, index }: Waiting, at: Date, limit: number): Promise<readonly Found[]> {
    const { db, session } = this.#unit;
    const stages = [
      { $match: { tenantId: { $gt: "" }, ...where, [since]: { $lte: at } } },
      { $group: { _id: "$tenantId", since: { $min: `$${since}` } } },
      { $sort: { since: 1, _id: 1 } },
      { $limit: limit },
    ];
    try {
      return await db
        .collection(collection)
        .aggregate<Found>(stages, { hint: index, ...(session === undefined ? {} : { session }) })
        .toArray();
    } catch (error) {
      throw mapError(error);
    }
  }
}
