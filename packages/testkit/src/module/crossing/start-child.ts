import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Line } from "./child-lines.ts";
import type { Sink } from "./start.ts";

export interface Child {
  /** Ends it. The code with which it went; what it told is all in the sink then. */
  stop(): Promise<unknown>;
}

/** The load of a module's file in a process of its own. */
export function startChild(file: URL, urls: { readonly postgres: string; readonly mongo: string }, sink: Sink): Child {
  const script = fileURLToPath(new URL("child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@stellaops/source", script, file.href], {
    env: { ...process.env, POSTGRES: urls.postgres, MONGO: urls.mongo },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const reading = (async () => {
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as Line;
      if ("thing" in line) sink.once(line.tenant, line.thing);
      else sink.tell(line.tenant, line.key, line.revision === null ? null : BigInt(line.revision));
    }
  })();
  return {
    async stop() {
      child.stdin.end();
      await reading;
      const [code] = (await exited) as readonly unknown[];
      return code;
    },
  };
}
