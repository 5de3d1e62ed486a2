import type { Random } from "../random.ts";
import type { Call } from "./call.ts";
import type { Job, Tries } from "./job.ts";
import { readJournal } from "./journal.ts";
import type { Worker, Workers } from "./processes.ts";

/** Processes that do one job together: those that die are replaced, and what all of them were told is kept. */
export class Crew {
  readonly #workers: Workers;
  readonly #newJob: () => Job;
  readonly #journals: string[] = [];
  #members: Worker[] = [];

  private constructor(workers: Workers, newJob: () => Job) {
    this.#workers = workers;
    this.#newJob = newJob;
  }

  /** All of them have the modules open, and begin at once. */
  static async of(size: number, workers: Workers, newJob: () => Job): Promise<Crew> {
    const crew = new Crew(workers, newJob);
    crew.#members = await Promise.all(Array.from({ length: size }, () => crew.#join()));
    for (const member of crew.#members) member.go();
    return crew;
  }

  member(random: Random): Worker {
    return random.pick(this.#members);
  }

  others(than: Worker): readonly Worker[] {
    return this.#members.filter((member) => member !== than);
  }

  /** SIGKILL, and another in its place. */
  async kill(member: Worker): Promise<void> {
    const index = this.#members.indexOf(member);
    await member.kill();
    const next = await this.#join();
    this.#members[index] = next;
    next.go();
  }

  /** Every call of the living has ended; what was called, also by the dead, and how often units were in vain. */
  async end(): Promise<{ readonly calls: readonly Call[]; readonly tries: readonly Tries[] }> {
    const tries = await Promise.all(this.#members.map((member) => member.stop()));
    for (const member of this.#members) this.#workers.giveBack(member);
    return { calls: this.#journals.flatMap((path) => readJournal(path)), tries };
  }

  async #join(): Promise<Worker> {
    const worker = this.#workers.take();
    const job = this.#newJob();
    this.#journals.push(job.journal);
    await worker.open(job);
    return worker;
  }
}
