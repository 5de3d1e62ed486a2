import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ended, kill, startChild } from "../child.ts";
import type { FromParent, FromWorker, Job, Tries } from "./job.ts";

const script = fileURLToPath(new URL("./worker.ts", import.meta.url));

type Heard<K extends FromWorker["kind"]> = Extract<FromWorker, { readonly kind: K }>;

/** A process with callers in it; it does one job after the other. */
export class Worker {
  readonly #child: ChildProcess = startChild(script);
  /** Only fails. */
  readonly #dies = ended(this.#child).then(() => Promise.reject(new Error("a process ended unasked")));
  readonly #loaded = this.#hears("loaded");

  constructor() {
    for (const unheard of [this.#dies, this.#loaded]) unheard.catch(() => undefined);
  }

  /** Its modules are open then, and nobody has called yet. */
  async open(job: Job): Promise<void> {
    await this.#loaded;
    const open = this.#hears("open");
    this.#tell(job);
    await open;
  }

  go(): void {
    this.#tell("go");
  }

  /** Every call has ended then. */
  async stop(): Promise<Tries> {
    const done = this.#hears("done");
    this.#tell("stop");
    return (await done).tries;
  }

  /** The next thing of a kind that one of its callers has and others want. */
  async holds(kind: string, signal?: AbortSignal): Promise<string> {
    return (await this.#hears("holds", ({ what }) => what.startsWith(kind), signal)).what;
  }

  suspend(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  kill(): Promise<void> {
    return kill(this.#child);
  }

  #tell(message: FromParent): void {
    // To one that has ended nothing is told; whoever waits for it finds out.
    this.#child.send(message, () => {});
  }

  #hears<K extends FromWorker["kind"]>(
    kind: K,
    wanted: (message: Heard<K>) => boolean = () => true,
    signal?: AbortSignal,
  ): Promise<Heard<K>> {
    const { promise, resolve, reject } = Promise.withResolvers<Heard<K>>();
    const listener = (message: FromWorker): void => {
      if (message.kind === kind && wanted(message as Heard<K>)) resolve(message as Heard<K>);
    };
    this.#child.on("message", listener);
    signal?.addEventListener("abort", () => reject(signal.reason));
    return Promise.race([promise, this.#dies]).finally(() => this.#child.off("message", listener));
  }
}

/** Processes that have loaded everything, and always one that waits, so that a death costs no start. */
export class Workers implements AsyncDisposable {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  constructor(count: number) {
    for (let i = 0; i <= count; i += 1) this.#idle.push(this.#start());
  }

  take(): Worker {
    const worker = this.#idle.shift() ?? this.#start();
    if (this.#idle.length === 0) this.#idle.push(this.#start());
    return worker;
  }

  giveBack(worker: Worker): void {
    this.#idle.push(worker);
  }

  #start(): Worker {
    const worker = new Worker();
    this.#all.add(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.kill()));
  }
}
