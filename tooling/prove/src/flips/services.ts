import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ended, kill, startChild } from "../child.ts";
import type { Job, Report, Told } from "./report.ts";

const script = fileURLToPath(new URL("./service.ts", import.meta.url));
type Message = "ready" | Told | Report;

/** Service processes that tell each other what they were told: each answer of one is asked for by the next. */
export class Services implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];

  constructor(jobs: readonly Job[]) {
    this.#children = jobs.map((job) => startChild(script, JSON.stringify(job)));
    for (const [index, child] of this.#children.entries())
      child.on("message", (message: Message) => {
        const next = this.#children[(index + 1) % this.#children.length];
        if (typeof message === "object" && "revision" in message && next !== undefined && next !== child)
          tell(next, message);
      });
  }

  async ready(): Promise<void> {
    await Promise.all(this.#children.map((child) => heard(child, (message) => message === "ready")));
  }

  /** Each ends after its calls in flight, and reports. */
  async stop(): Promise<readonly Report[]> {
    const reports = this.#children.map((child) => heard(child, isReport));
    for (const child of this.#children) tell(child, "stop");
    const told = await Promise.all(reports);
    await Promise.all(this.#children.map(ended));
    return told as readonly Report[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(kill));
  }
}

/** To one that has ended meanwhile nothing is told; whoever waits for it finds out. */
const tell = (child: ChildProcess, message: Told | "stop"): void => void child.send(message, () => {});

const isReport = (message: Message): boolean => typeof message === "object" && "last" in message;

async function heard(child: ChildProcess, wanted: (message: Message) => boolean): Promise<Message> {
  const died = ended(child).then(() => Promise.reject(new Error("a service process ended unasked")));
  const message = new Promise<Message>((resolve) => {
    child.on("message", (one: Message) => (wanted(one) ? resolve(one) : undefined));
  });
  died.catch(() => undefined);
  return Promise.race([message, died]);
}
