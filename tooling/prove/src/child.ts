import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A process of an experiment. What it says when it ends badly is for people; what it writes down and sends is what counts. */
export const startChild = (script: string, ...args: readonly string[]): ChildProcess =>
  fork(script, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });

export const running = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

export const ended = async (child: ChildProcess): Promise<void> => {
  if (running(child)) await once(child, "exit");
};

/** Also one that is suspended. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await ended(child);
}
