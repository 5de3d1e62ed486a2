import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Service {
  readonly name: string;
  readonly journal: string;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** Ends after the calls in flight. */
  stop(): Promise<void>;
}

export interface Start {
  readonly name: string;
  readonly tenant: string;
  readonly postgres: string;
  readonly mongo: string;
  readonly folder: string;
  readonly seed: number;
}

/** Starts a service process and waits until it serves. */
export async function startService({ folder, ...options }: Start): Promise<Service> {
  const journal = join(folder, `${options.name}.ndjson`);
  const child = fork(
    fileURLToPath(new URL("./service.ts", import.meta.url)),
    [JSON.stringify({ ...options, journal, workers: 2 })],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  await Promise.race([once(child, "message"), exited(child).then(failed(options.name))]);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = exited(child);
    child.kill(signal);
    await ended;
  };
  return { name: options.name, journal, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

const exited = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve(child.exitCode) : once(child, "exit");

const failed = (name: string) => (): never => {
  throw new Error(`${name} ended before it served`);
};
