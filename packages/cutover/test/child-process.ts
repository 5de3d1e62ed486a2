import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ReplicationRig } from "./replication-rig.ts";

interface Work {
  readonly work: "write" | "backfill";
  /** Kills it after so many lines; null lets it end. */
  readonly killAfter: number | null;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called when a service is open; it writes when that returns. */
  readonly opened?: () => void;
}

/** Runs `replication-child.ts`; the lines that it has told. Killed by SIGKILL: no handler runs, nothing is flushed. */
export async function runChild(
  urls: ReplicationRig["urls"],
  { work, killAfter, environment = {}, opened = () => {} }: Work,
): Promise<readonly string[]> {
  const script = fileURLToPath(new URL("replication-child.ts", import.meta.url));
  const { service: SERVICE, copier: COPIER, mongo: MONGO } = urls;
  const child = spawn(process.execPath, ["--conditions=@stellaops/source", script], {
    env: { ...process.env, WORK: work, SERVICE, COPIER, MONGO, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "open") {
      opened();
      child.stdin.write("go");
      continue;
    }
    lines.push(line);
    if (lines.length === killAfter) child.kill("SIGKILL");
  }
  const [code, signal] = await exited;
  if (killAfter === null ? code !== 0 : signal !== "SIGKILL") throw new Error(`ended with ${code} by ${signal}`);
  return lines;
}
