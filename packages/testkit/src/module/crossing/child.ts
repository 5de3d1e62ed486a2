import { once } from "node:events";
import { openModule } from "@stellaops/cutover/open";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { childTenant, lineOf } from "./child-lines.ts";
import type { ModuleLoad } from "./load.ts";
import { startLoad } from "./start.ts";

/** A service of its own under the load of the module whose file is named, which tells what it was answered until its input ends. */
const { load } = (await import(process.argv[2] ?? "")) as { readonly load: ModuleLoad<unknown> };
const [postgres, mongo] = [
  openPostgres({ url: String(process.env["POSTGRES"]) }),
  openMongo({ url: String(process.env["MONGO"]) }),
];
const module = await openModule(load.wiring, { postgres, mongo, stage: "record" });
const write = (line: string): void => void process.stdout.write(line);
const running = startLoad(
  load,
  { module, tenant: childTenant, seed: 9_000 },
  {
    tell: (tenant, key, revision) =>
      write(lineOf({ tenant, key, revision: revision === null ? null : String(revision) })),
    once: (tenant, thing) => write(lineOf({ tenant, thing })),
  },
);
await once(process.stdin.resume(), "end");
await running.stop();
await module.close();
await Promise.all([postgres.close(), mongo.close()]);
