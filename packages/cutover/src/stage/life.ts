import { silent, type Logger } from "@stellaops/kernel";
import type { Sides } from "../side.ts";
import type { Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";
import type { Instance } from "./instance.ts";

/** This instance's signs of life, at the database that it reads from. They are for people: a sign that fails holds up nothing. */
export class Life {
  readonly #sides: Sides;
  readonly #self: Omit<Instance, "epoch">;
  readonly #patienceMs: number;
  readonly #logger: Logger;
  /** The last sign at each database, which may be under way for longer than it is waited for. */
  readonly #signs = new Map<Database, Promise<void>>();

  constructor(sides: Sides, self: Omit<Instance, "epoch">, patienceMs: number, logger: Logger = silent) {
    this.#sides = sides;
    this.#self = self;
    this.#patienceMs = patienceMs;
    this.#logger = logger;
  }

  /** Says that it lives, and that it has acknowledged this epoch; only then the signs at a primary that was left are taken back. */
  async sign({ primary, epoch }: StageView): Promise<void> {
    const sign = this.#sides[primary].instances.sign({ ...this.#self, epoch });
    this.#signs.set(primary, sign);
    await this.#told(primary, sign);
    await this.leave([...this.#signs.keys()].filter((database) => database !== primary));
  }

  /** Takes its signs back. */
  async leave(databases: readonly Database[] = [...this.#signs.keys()]): Promise<void> {
    await Promise.all(databases.map((database) => this.#told(database, this.#forget(database))));
  }

  /** Behind a sign that is still under way: it would be there again. */
  async #forget(database: Database): Promise<void> {
    const last = this.#signs.get(database);
    this.#signs.delete(database);
    await last?.catch(() => undefined);
    await this.#sides[database].instances.forget(this.#self.instance);
  }

  async #told(database: Database, telling: Promise<void>): Promise<void> {
    await within(this.#patienceMs, telling).catch((error: unknown) => {
      this.#logger.debug({ error, database }, "this instance's sign of life could not be told");
    });
  }
}
