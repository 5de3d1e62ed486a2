import { withMongo } from "@stellaops/testkit";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Standalone {
  readonly url: string;
  stop(): Promise<void>;
}

/** A MongoDB without a replica set, of the same binary as the server at `url`, which runs on this machine. */
export async function standalone(url: string): Promise<Standalone> {
  const { argv } = await withMongo(url, (client) => client.db("admin").command({ getCmdLineOpts: 1 }));
  const folder = await mkdtemp(join(tmpdir(), "stella-mongod-"));
  // Port 0: the server takes a free one, and says which.
  const server = spawn(String(argv[0]), ["--dbpath", folder, "--port", "0", "--bind_ip", "127.0.0.1"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const stop = async (): Promise<void> => {
    const gone = once(server, "exit");
    if (server.exitCode === null && server.kill("SIGKILL")) await gone;
    await rm(folder, { recursive: true });
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const { msg, attr } = JSON.parse(line);
    if (msg === "Waiting for connections") {
      server.stdout.resume();
      return { url: `mongodb://127.0.0.1:${attr.port}/none`, stop };
    }
  }
  await stop();
  throw new Error(`${argv[0]} did not start as a standalone server`);
}
