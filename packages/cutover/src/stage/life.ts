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
  readonly #signedAt = new Set<Database>();

  constructor(sides: Sides, self: Omit<Instance, "epoch">, patienceMs: number, logger: Logger = silent) {
    this.#sides = sides;
    this.#self = self;
    this.#patienceMs = patienceMs;
    this.#logger = logger;
  }

  /** Says that it lives, and that it has acknowledged this epoch; only then the signs at a primary that was left are taken back. */
  async sign({ primary, epoch }: StageView): Promise<void> {
    const sign = this.#sides[primary].instances.sign({ ...this.#self, epoch });
    this.#signedAt.add(primary);
    await this.#told(primary, sign);
    await this.leave([...this.#signedAt].filter((database) => database !== primary));
  }

  /** Takes its signs back. */
  async leave(databases: readonly Database[] = [...this.#signedAt]): Promise<void> {
    for (const database of databases) this.#signedAt.delete(database);
    await Promise.all(
      databases.map((database) => this.#told(database, this.#sides[database].instances.forget(this.#self.instance))),
    );
  }

  async #told(database: Database, telling: Promise<void>): Promise<void> {
    await within(this.#patienceMs, telling).catch((error: unknown) => {
      this.#logger.debug({ error, database }, "this instance's sign of life could not be told");
    });
  }
}
