import type { ClaimRef, ClaimRequest } from "@stellaops/kernel";
import { MongoClaims, table, type Unit } from "@stellaops/mongo";
import { digestQueue, digests, type Digest } from "../aggregates.ts";
import { after, closed, digestOf, itemOf, manyFull, maxItems } from "../domain/digests.ts";
import type { DigestItem, Digests, Gathered } from "../repositories/digests.ts";

const verbs = table(digests);

const full = { $or: [{ status: { $ne: "open" } }, { itemCount: { $gte: BigInt(maxItems) } }] } as const;

export class MongoDigests extends MongoClaims<typeof digests> implements Digests {
  constructor(unit: Unit) {
    super(unit, verbs, digestQueue);
  }

  async addItem(item: DigestItem): Promise<Gathered> {
    let digest = digestOf(item);
    for (;;) {
      const { windowStart } = digest;
      const added = await this.#append(digest);
      if (added !== null) return { digestId: added.id, windowStart, itemCount: added.itemCount, opened: false };
      const next = after(digest, await this.#full(digest));
      if (next === null) {
        const { id } = await this.createOne(digest);
        return { digestId: id, windowStart, itemCount: 1n, opened: true };
      }
      digest = next;
    }
  }

  async flushDue(request: ClaimRequest) {
    return this.take(request);
  }

  async close(ref: ClaimRef, { at }: { readonly at: Date }) {
    return this.settle(ref, at, closed);
  }

  /** As one of several: an item that is an object with names of operators is none. */
  #append(digest: Digest) {
    const { actionKey, window, windowStart, updatedAt } = digest;
    const open = { actionKey, window, windowStart, status: "open", itemCount: { $lt: BigInt(maxItems) } };
    return this.changed(open, {
      $push: { items: { $each: [itemOf(digest)] } },
      $inc: { itemCount: 1n },
      $set: { updatedAt },
    });
  }

  /** Windows, from its own on, that take no more. */
  async #full({ actionKey, window, windowStart }: Digest): Promise<readonly Date[]> {
    const from = { actionKey, window, windowStart: { $gte: windowStart }, ...full } as const;
    const found = await this.pick(from, ["windowStart"], { sort: { windowStart: 1 }, limit: manyFull });
    return found.map((digest) => digest.windowStart);
  }
}
