import {
  claimLost,
  codeOf,
  heartbeat,
  inClaimOrder,
  refuseLimit,
  settled,
  takenBy,
  type Aggregate,
  type AggregateOf,
  type ClaimRef,
  type ClaimRequest,
  type Claims,
  type Guard,
  type GuardedChild,
  type HoldShape,
  type Lease,
  type Queue,
  type Settlement,
  type Stored,
} from "@stellaops/kernel";
import type { Document } from "mongodb";
import { rowValue } from "./codec.ts";
import { contentionAt, oneBlock, type Contention } from "./contention.ts";
import { valuesOf } from "./guarded.ts";
import { enter } from "./register.ts";
import type { DocumentOf } from "./reader.ts";
import { MongoRepository } from "./repository.ts";
import type { Table } from "./table.ts";
import type { Unit } from "./unit.ts";
import type { Where } from "./where.ts";

type Loose = Readonly<Record<string, unknown>>;

/** How often a claim that others were faster than looks again. */
const rounds = 4;

/** For aggregates with `holdFields` and a count of claims: claimed by one holder at a time, in the order of a queue. */
export abstract class MongoClaims<A extends Aggregate<string, HoldShape>>
  extends MongoRepository<A>
  implements Claims<A>
{
  protected readonly queue: Queue;

  constructor(unit: Unit, verbs: Table<A>, queue: Queue<A>) {
    super(unit, verbs);
    this.queue = queue;
  }

  async heartbeat(ref: ClaimRef, lease: Lease): Promise<Stored<A>> {
    return this.kept(ref, heartbeat(this.queue, ref, lease));
  }

  /** See `Jobs.claim`. */
  protected async take(request: ClaimRequest): Promise<readonly Stored<A>[]> {
    const limit = refuseLimit(request.limit, 100);
    const update = this.#taking(request);
    const due = this.#due(request.at);
    try {
      if (limit > 1) return (await this.#several(request, limit, update)).toSorted(inClaimOrder(this.queue));
      // Alone, the server runs a change that collided again by itself, and the order stays strict.
      const [id] = this.unit.session === undefined || this.#width() === 1 ? [] : await this.#candidates(due, 1);
      const one = await this.changed(id === undefined ? due : { id, ...due }, update, this.#order());
      return one === null ? [] : [one];
    } catch (error) {
      if (codeOf(error) === "SERIALIZATION_FAILURE") this.#collided();
      throw error;
    }
  }

  /** The end of a claim by its holder, with what else changes then. @throws `CLAIM_LOST` (conflict) */
  protected async settle(
    ref: ClaimRef,
    at: Date,
    change: { readonly set?: Partial<AggregateOf<A>>; readonly add?: Loose } = {},
  ): Promise<Stored<A>> {
    return this.settling(ref, { at, ...(change as Loose) });
  }

  protected async settling(ref: ClaimRef, settlement: Settlement): Promise<Stored<A>> {
    return this.kept(ref, settled(this.queue, ref, settlement));
  }

  protected async kept(ref: ClaimRef, guard: Guard): Promise<Stored<A>> {
    const changed = await this.guarded(guard);
    if (changed === null) throw claimLost(this.queue, ref);
    return changed;
  }

  /** Ids of candidates, one guarded update of them all, and which of them it changed: three commands however many there are. */
  async #several(request: ClaimRequest, limit: number, update: Document): Promise<readonly Stored<A>[]> {
    const claimed: Stored<A>[] = [];
    const due = this.#due(request.at);
    for (let round = 0; round < rounds && claimed.length < limit; round += 1) {
      const wanted = limit - claimed.length;
      const ids = await this.#candidates(due, wanted);
      if (ids.length === 0) return claimed;
      await this.changeMany({ id: { $in: ids }, ...due }, update);
      const taken = { id: { $in: ids }, claimId: request.claimId, leaseHolder: request.holder };
      const mine = await this.own(taken as unknown as Where<DocumentOf<A>>);
      claimed.push(...mine);
      const changed = mine.map(({ id, revision }) => ({ id, revision }));
      await this.entering(() => enter(this.unit, this.definition, changed));
      if (mine.length === ids.length) return claimed;
      this.#collided();
    }
    if (claimed.length > 0) return claimed;
    // All were taken by others each time: one at least is there for this one, unless none is left.
    const one = await this.changed(due, update, this.#order());
    return one === null ? [] : [one];
  }

  #candidates(due: Document, limit: number): Promise<readonly string[]> {
    const sort = this.#order();
    return oneBlock(this.#width(), (block) => this.ids(due, { sort, skip: block * limit, limit }));
  }

  #due(at: Date): Document {
    const { due, only, status } = this.queue;
    const free = status === null ? { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: at } }] } : {};
    return { ...valuesOf(this.definition, only), [due]: { $lte: at }, ...free };
  }

  #order(): Readonly<Record<string, 1>> {
    const { due, rank } = this.queue;
    return { ...(rank !== null && { [rank.field]: 1 }), [due]: 1, id: 1 };
  }

  #taking(request: ClaimRequest): Document {
    const { queue } = this;
    const event = queue.status === null ? null : queue.event(queue.status.taken, request.at, null);
    const set = valuesOf(this.definition, takenBy(queue, request));
    return { $set: set, $inc: { [queue.attempts]: 1n }, ...pushed(event) };
  }

  #contention(): Contention {
    return contentionAt(this.unit.db);
  }
  #key(): string {
    return `${this.definition.table}/${this.unit.tenant}`;
  }
  #width(): number {
    return this.#contention().width(this.#key(), performance.now());
  }
  #collided(): void {
    this.#contention().collided(this.#key(), performance.now());
  }
}

export const pushed = (event: GuardedChild | null): Document =>
  event?.put === null || event === null ? {} : { $push: { [event.name]: rowValue(event.child, event.put) } };
