import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface Service {
  readonly name: string;
  /** The path of its journal. */
  readonly journal: string;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** Ends after the calls in flight. @throws when it does not end, or ends badly */
  stop(): Promise<void>;
}

export interface Start {
  readonly name: string;
  readonly tenant: string;
  readonly postgres: string;
  readonly mongo: string;
  readonly folder: string;
  readonly seed: number;
  /** The module's database on MongoDB; the url's when left out. */
  readonly database?: string;
  /** 2. */
  readonly workers?: number;
  /** Between the turns of one worker; milliseconds, 4. */
  readonly pauseMs?: number;
  /** `POINT` or `POINT:N`: it kills itself there, the N-th time. */
  readonly fault?: string;
  /** Told when the service ends unasked. */
  readonly onDeath: (error: Error) => void;
}

/** A call in flight ends with its own deadline, well below this. */
const patienceMs = 60_000;

/** Starts a service process and waits until it serves. */
export async function startService({ folder, onDeath, fault, ...options }: Start): Promise<Service> {
  const { name } = options;
  const journal = join(folder, `${name}.ndjson`);
  const child = fork(
    fileURLToPath(new URL("./service.ts", import.meta.url)),
    [JSON.stringify({ workers: 2, pauseMs: 4, ...options, journal })],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: fault === undefined ? process.env : { ...process.env, STELLA_FAULT: fault },
    },
  );
  // Until it serves, the caller is told by this function itself.
  let asked = true;
  child.once("exit", (code, signal) => {
    if (!asked) onDeath(new Error(`${name} ended unasked: ${signal ?? `exit code ${code}`}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    asked = true;
    const ended = exited(child);
    child.kill(signal);
    await ended;
  };
  const served = await Promise.race([once(child, "message"), exited(child).then(() => "ended"), late()]);
  if (served === "ended" || served === "late") {
    await end("SIGKILL");
    throw new Error(`${name} ended before it served`);
  }
  asked = false;
  return {
    name,
    journal,
    kill: () => end("SIGKILL"),
    async stop() {
      if ((await Promise.race([end("SIGTERM"), late()])) === "late") {
        await end("SIGKILL");
        throw new Error(`${name} did not end within ${patienceMs} ms`);
      }
      if (child.exitCode !== 0) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}`);
    },
  };
}

const late = (): Promise<string> => wait(patienceMs, "late", { ref: false });

const exited = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve(child.exitCode) : once(child, "exit");
