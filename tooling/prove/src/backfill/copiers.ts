import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ended, kill, running, startChild } from "../child.ts";
import type { Job } from "./job.ts";

const script = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Processes that share one backfill. Whoever is killed is started again; whoever ends by itself has seen it whole. */
export class Copiers implements AsyncDisposable {
  readonly #job: Job;
  readonly #all: ChildProcess[];
  #closed = false;

  constructor(job: Job, count: number) {
    this.#job = job;
    this.#all = Array.from({ length: count }, () => this.#start());
  }

  /** SIGKILL after it has copied so many pages more, and another in its place; false when it had ended before. */
  async kill(which: number, pages: number): Promise<boolean> {
    const child = this.#all[which];
    if (child === undefined || !running(child)) return false;
    const exited = once(child, "exit");
    let seen = 0;
    child.on("message", () => {
      if ((seen += 1) === pages) child.kill("SIGKILL");
    });
    await exited;
    if (child.signalCode !== "SIGKILL" || this.#closed) return false;
    this.#all[which] = this.#start();
    return true;
  }

  /** Waits until all have ended by themselves; those that did not end well. */
  async ended(): Promise<number> {
    await Promise.all(this.#all.map(ended));
    return this.#all.filter(({ exitCode }) => exitCode !== 0).length;
  }

  #start(): ChildProcess {
    return startChild(script, JSON.stringify(this.#job));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all.map(kill));
  }
}
