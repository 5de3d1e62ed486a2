import type { ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ended, kill, startChild } from "../child.ts";
import type { Job } from "./job.ts";

/** How a process ended: killed at its point, by itself before it came there, or late. */
export type End = "killed" | "ended" | "late";

const script = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** A process that has not come to its point by then will not. */
const patienceMs = 60_000;

/** Processes that have loaded everything and wait for a job. All of them end with the pool. */
export class Workers implements AsyncDisposable {
  readonly #spare: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
    this.#fill();
  }

  /** Gives the job to a process; resolves when that process has ended. */
  async run(job: Job): Promise<End> {
    const worker = this.#spare.shift() ?? this.#start();
    this.#fill();
    const exited = ended(worker);
    let finished = false;
    worker.on("message", (message) => (finished ||= message === "ended"));
    worker.send(job);
    const late = new AbortController();
    const end = await Promise.race([exited, wait(patienceMs, "late", { signal: late.signal }).catch(() => "late")]);
    late.abort();
    await kill(worker);
    if (end === "late") return "late";
    return worker.signalCode === "SIGKILL" && !finished ? "killed" : "ended";
  }

  #fill(): void {
    while (this.#spare.length < this.#size) this.#spare.push(this.#start());
  }

  #start(): ChildProcess {
    const worker = startChild(script);
    this.#all.add(worker);
    void ended(worker).then(() => this.#all.delete(worker));
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#all];
    this.#spare.length = 0;
    await Promise.all(all.map(kill));
  }
}
