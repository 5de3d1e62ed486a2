import {
  claimLost,
  codeOf,
  firstInstant,
  heartbeat,
  inClaimOrder,
  isReady,
  raced,
  rankIn,
  refuseLimit,
  settled,
  snake,
  takenBy,
  withChild,
  type Aggregate,
  type AggregateOf,
  type ClaimRef,
  type ClaimRequest,
  type Claims,
  type Guard,
  type HoldShape,
  type Lease,
  type Queue,
  type Settlement,
  type Stored,
} from "@stellaops/kernel";
import { claimStatement } from "./claim-text.ts";
import { Parameters } from "./guarded.ts";
import { hintsOf, lowest, slackMs, type Hints, type Position } from "./hints.ts";
import type { Verbs } from "./reader.ts";
import { PostgresRepository, type Written } from "./repository.ts";
import type { Write } from "./table.ts";
import type { Unit } from "./unit.ts";

type Loose = Readonly<Record<string, unknown>>;

/** For aggregates with `holdFields` and a count of claims: claimed by one holder at a time, in the order of a queue. */
export abstract class PostgresClaims<A extends Aggregate<string, HoldShape>>
  extends PostgresRepository<A>
  implements Claims<A>
{
  protected readonly queue: Queue;

  constructor(unit: Unit, verbs: Verbs<A>, queue: Queue<A>) {
    super(unit, verbs);
    this.queue = queue;
  }

  async heartbeat(ref: ClaimRef, lease: Lease): Promise<Stored<A>> {
    return this.kept(ref, heartbeat(this.queue, ref, lease));
  }

  /** See `Jobs.claim`. */
  protected async take(request: ClaimRequest): Promise<readonly Stored<A>[]> {
    const limit = refuseLimit(request.limit, 100);
    const set = takenBy(this.queue, request);
    const now = performance.now();
    const hint = this.hints?.of(this.hintKey, now) ?? null;
    const fromStart = Array.from({ length: this.ranks }, () => lowest);
    const { rows, from, positions } = await this.atomically(async (repository) => {
      const look = (of: number, bounds: readonly Position[]) => repository.#claimed(request, of, set, bounds);
      const near = hint === null ? [] : await look(limit, hint.positions);
      if (hint !== null && (near.length === limit || this.hints?.again(this.hintKey, now) === false))
        return { rows: near, from: hint, positions: this.#positions(near, request, limit, hint.positions) };
      const wanted = limit - near.length;
      const far = await look(wanted, fromStart);
      return { rows: [...near, ...far], from: null, positions: this.#positions(far, request, wanted, fromStart) };
    });
    const span = { begun: now, ended: performance.now() };
    // A unit that is rolled back has claimed nothing: what it passed over is still there.
    this.unit.committed(() => this.hints?.learn(this.hintKey, span, from, positions));
    return rows.map((row) => this.#claimedWhole(row, request)).toSorted(inClaimOrder(this.queue));
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

  /** For verbs that make rows due by a statement of their own: claims of this process look there at once. */
  protected offered(row: object): void {
    const due = (row as Loose)[this.queue.due];
    if (due instanceof Date && isReady(this.queue, row)) this.#offer(rankIn(this.queue, row), due.toISOString());
  }

  /** At once for claims of this very unit; once more when it is committed, for what others have come to meanwhile. */
  #offer(rank: number, at: string): void {
    const offer = () => this.hints?.offer(this.hintKey, rank, at);
    offer();
    this.unit.committed(offer);
  }

  protected override async guarded(guard: Guard): Promise<Stored<A> | null> {
    const changed = await super.guarded(guard);
    if (changed !== null) this.offered(changed);
    return changed;
  }

  protected override async write(write: Write, payload: readonly object[]): Promise<readonly Written[]> {
    const written = await super.write(write, payload);
    const { due, rank } = this.queue;
    for (const row of payload as readonly Loose[]) {
      const at = row[snake(due)];
      const of = rank === null ? 0 : Number(row[snake(rank.field)]);
      if (typeof at === "string") this.#offer(of, at);
    }
    return written;
  }

  /** None without a status: there rows may be claimed again where they are, as soon as their lease has run out. */
  protected get hints(): Hints | undefined {
    const { home } = this.unit;
    return home === undefined || this.queue.status === null ? undefined : hintsOf(home);
  }
  protected get hintKey(): string {
    const { module, table } = this.definition;
    return `${module}.${table}/${this.unit.tenant}`;
  }
  protected get ranks(): number {
    return this.queue.rank?.ranks ?? 1;
  }

  async #claimed(
    request: ClaimRequest,
    limit: number,
    set: Loose,
    bounds: readonly Position[],
  ): Promise<readonly Stored<A>[]> {
    const params = new Parameters(this.unit.tenant);
    const claiming = { queue: this.queue, request, limit, set, bounds };
    const written = await this.carried([claimStatement(claiming, params, this.unit)]).catch(this.#racedByChild);
    return written.map(({ row }) => this.table.codec.decode(row));
  }

  /** A row that changed twice while it was being claimed has another event by now than the claim could see. */
  readonly #racedByChild = (error: unknown): never => {
    throw codeOf(error) === "REVISION_CONFLICT" ? raced(this.definition, error) : error;
  };

  /** Children are returned as they were before. */
  #claimedWhole(row: Stored<A>, { at }: ClaimRequest): Stored<A> {
    const { status } = this.queue;
    const event = status === null ? null : this.queue.event(status.taken, at, null);
    return event === null ? row : withChild(row, event);
  }

  /** Of each rank: the last that was claimed; shortly before the claim where it is exhausted; as it was where it was not looked at. */
  #positions(
    rows: readonly Stored<A>[],
    { at }: ClaimRequest,
    limit: number,
    before: readonly Position[],
  ): readonly Position[] {
    const sorted = rows.toSorted(inClaimOrder(this.queue));
    let count = 0;
    return before.map((was, rank) => {
      if (count >= limit) return was;
      const own = sorted.filter((row) => rankIn(this.queue, row) === rank);
      count += own.length;
      if (count < limit)
        return { at: new Date(Math.max(at.getTime() - slackMs, firstInstant)).toISOString(), id: lowest.id };
      const last = own.at(-1) as unknown as (Loose & { readonly id: string }) | undefined;
      return last === undefined ? was : { at: (last[this.queue.due] as Date).toISOString(), id: last.id };
    });
  }
}
