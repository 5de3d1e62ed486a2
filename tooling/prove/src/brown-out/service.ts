import type { Database, ShadowBudget } from "@stellaops/cutover";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { proxyTo, type Proxy } from "@stellaops/testkit/proxy";
import { openVuln, type Vuln } from "@stellaops/vuln";
import type { Rig } from "../rig.ts";
import { workers } from "./callers.ts";
import { seamsOf } from "./sabotage.ts";

export interface Service extends AsyncDisposable {
  readonly module: Vuln;
  /** The same without shadow reads: what these cost must not hide in what the others are held against. */
  readonly plain: Vuln;
  /** Between the service and its secondary. */
  readonly proxy: Proxy;
}

/** Each caller's, however busy the machine is. */
const everyRead: ShadowBudget = { rate: 1, concurrency: workers, cpu: 1 };

/** A live service in this process, whose secondary is behind a proxy. */
export async function serviceOf(rig: Rig, secondary: Database, sabotage: string | null): Promise<Service> {
  const proxy = await proxyTo(secondary === "postgres" ? rig.urls.app : rig.urls.mongo);
  const through = new URL(proxy.url);
  // Otherwise the driver goes on with the address that the server says of itself.
  if (secondary === "mongo") through.searchParams.set("directConnection", "true");
  const at = (database: Database, own: string): string => (database === secondary ? through.href : own);
  const postgres = openPostgres({ url: at("postgres", rig.urls.app), max: 8, applicationName: "prove-service" });
  const mongo = openMongo({ url: at("mongo", rig.urls.mongo), database: rig.database, max: 12 });
  const awaits = sabotage === "wait-for-secondary" ? ({ await: "secondary", awaitMs: 5_000 } as const) : {};
  const shared = { postgres, mongo, stage: "record", seams: seamsOf(sabotage, secondary), ...awaits } as const;
  const module = await openVuln({ ...shared, shadow: everyRead });
  const plain = await openVuln({ ...shared, shadow: { rate: 0 } });
  return {
    module,
    plain,
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.mend();
      await Promise.all([module.close(), plain.close()]);
      await Promise.all([postgres.close(), mongo.close()]);
      await proxy[Symbol.asyncDispose]();
    },
  };
}
