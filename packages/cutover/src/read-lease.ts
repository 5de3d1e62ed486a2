import type { Sides } from "./side.ts";
import type { Database } from "./stages.ts";
import type { ReadTicket } from "./source.ts";
import type { StageView } from "./view.ts";

interface Held {
  readonly view: StageView;
  /** Before the grant was asked for, so that it never ends later than by the database's own clock. */
  readonly asked: Moment;
}

/**
 * Both of this process's clocks. The monotonic one stands still while a machine is suspended, so that a lease would outlive the sleep; the
 * wall clock may be set back, so that it would never end. Whichever says that more time has gone by is believed.
 */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}
const now = (): Moment => ({ monotonic: performance.now(), wall: Date.now() });
const since = ({ monotonic, wall }: Moment): number => Math.max(performance.now() - monotonic, Date.now() - wall);

/** This instance's lease to read from the primary outside units of work. */
export class ReadLease {
  readonly #sides: Sides;
  readonly #instance: string;
  readonly #milliseconds: number;
  #held: Held | null = null;
  #term = 0;

  constructor(sides: Sides, instance: string, milliseconds: number) {
    this.#sides = sides;
    this.#instance = instance;
    this.#milliseconds = milliseconds;
  }

  /** Grants or renews under the epoch of `view`. @throws `FENCED` when that epoch is over, or what the database says. */
  async renew(view: StageView): Promise<void> {
    const asked = now();
    const term = this.#term;
    const { instance, milliseconds } = { instance: this.#instance, milliseconds: this.#milliseconds };
    await this.#sides[view.primary].leases.grant({ instance, epoch: view.epoch, milliseconds });
    // Ended meanwhile: the grant stands for something that does not count any more.
    if (term !== this.#term) return;
    if (this.#valid() === null || this.#held?.view.epoch !== view.epoch) this.#term += 1;
    this.#held = { view, asked };
  }

  /** Nothing that was asked until now counts any more. */
  end(): void {
    this.#term += 1;
    this.#held = null;
  }

  /** Tells the database that nothing counts any more; only after `end`. */
  async acknowledge(database: Database): Promise<void> {
    await this.#sides[database].leases.acknowledge(this.#instance);
  }

  ticket(): ReadTicket | null {
    const held = this.#valid();
    return held === null ? null : { view: held.view, term: this.#term };
  }

  counts({ view, term }: ReadTicket): boolean {
    const held = this.#valid();
    return held !== null && term === this.#term && held.view.epoch === view.epoch;
  }

  #valid(): Held | null {
    return this.#held !== null && since(this.#held.asked) < this.#milliseconds ? this.#held : null;
  }
}
