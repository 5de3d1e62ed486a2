import type { MongoFault, MongoMoment, PostgresFault, PostgresMoment } from "@stellaops/testkit/faults";
import type { Random } from "../random.ts";

type Choice<F> = readonly [name: string, fault: F];

const codes = (...list: readonly string[]): readonly Choice<PostgresFault>[] =>
  list.map((sqlstate) => [sqlstate, { sqlstate, fatal: sqlstate === "57P01" }]);

const onPostgres: Readonly<Record<PostgresMoment, readonly Choice<PostgresFault>[]>> = {
  login: codes("53300"),
  work: [
    ...codes("40001", "40P01", "55P03", "57P01"),
    ["reset before COMMIT", "cut"],
    ["reset before COMMIT", "cut, server kept"],
    ["reset before COMMIT", "cut in flight"],
    ["reset before COMMIT", "answer lost"],
  ],
  commit: [
    ...codes("40001", "57P01"),
    ["reset in COMMIT", "cut"],
    ["reset in COMMIT", "cut, server kept"],
    ["reset in COMMIT", "cut in flight"],
    ["reset after COMMIT", "answer lost"],
    ["reset after COMMIT", "answer lost"],
  ],
};

const aborted = (code: number, codeName: string): MongoFault => ({
  reply: { ok: 0, code, codeName, errmsg: `injected ${codeName}`, errorLabels: ["TransientTransactionError"] },
});

const onMongo: Readonly<Record<MongoMoment, readonly Choice<MongoFault>[]>> = {
  rest: [],
  work: [
    ["WriteConflict", aborted(112, "WriteConflict")],
    ["LockTimeout", aborted(24, "LockTimeout")],
    ["reset before COMMIT", "cut"],
    ["reset before COMMIT", "cut in flight"],
    ["reset before COMMIT", "answer lost"],
  ],
  commit: [
    ["reset in COMMIT", "cut"],
    ["reset in COMMIT", "cut in flight"],
    ["reset after COMMIT", "answer lost"],
    ["reset after COMMIT", "answer lost"],
  ],
};

/** How often something happens to a message: a unit has one COMMIT, and some other messages before. */
const share = { login: 0.2, work: 0.08, commit: 0.25, rest: 0 };

/** Decides what happens to the messages of units, and keeps count of it. */
export class Injector {
  readonly #random: Random;
  armed = false;
  /** Answers of MongoDB to COMMIT that were lost, by transaction. */
  readonly lost = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  postgres(moment: PostgresMoment, application: string): PostgresFault | undefined {
    return application === "prove-service" ? this.#choose(share[moment], onPostgres[moment]) : undefined;
  }

  mongo(moment: MongoMoment, transaction: string): MongoFault | undefined {
    const fault = this.#choose(share[moment], onMongo[moment]);
    if (moment === "commit" && fault !== undefined) this.lost.add(transaction);
    return fault;
  }

  #choose<F>(probability: number, choices: readonly Choice<F>[]): F | undefined {
    if (!this.armed || choices.length === 0 || !this.#random.chance(probability)) return undefined;
    const [name, fault] = this.#random.pick(choices);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return fault;
  }
}
