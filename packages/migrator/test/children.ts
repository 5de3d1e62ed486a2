import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order } from "./child.ts";

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line that contains the text. */
  line(text: string): Promise<string>;
}

/** A process of its own, running the sources. */
export function child(order: Order): Child {
  const script = fileURLToPath(new URL("child.ts", import.meta.url));
  const process_ = spawn(process.execPath, ["--conditions=@stellaops/source", script, JSON.stringify(order)]);
  let out = "";
  let errors = "";
  process_.stdout.on("data", (chunk) => (out += String(chunk)));
  process_.stderr.on("data", (chunk) => (errors += String(chunk)));
  const ended = once(process_, "close").then(([code, signal]: unknown[]) => ({
    code: code as number | null,
    signal: signal as string | null,
    lines: out.split("\n").filter((line) => line !== ""),
    errors,
  }));
  const line = async (text: string): Promise<string> => {
    for (;;) {
      const found = out
        .split("\n")
        .slice(0, -1)
        .find((one) => one.includes(text));
      if (found !== undefined) return found;
      const next = await Promise.race([once(process_.stdout, "data"), ended]);
      if (!Array.isArray(next)) throw new Error(`the process ended without "${text}": ${errors}`);
    }
  };
  return { process: process_, ended, line };
}
