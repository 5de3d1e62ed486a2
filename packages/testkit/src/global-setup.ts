import { describeServer, startMongo, startPostgres } from "@stellaops/servers";
import type { Server } from "@stellaops/servers";
import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { dropMongoLeftovers, dropPostgresLeftovers } from "./leftovers.ts";

type Told = { readonly url: string } | { readonly reason: string };

/** What every test file is told of the run's servers. `reason` stands where a server is missing. */
export interface TestServers {
  /** Begins every database's name, so that runs on one server do not meet. */
  readonly prefix: string;
  readonly postgres: Told;
  readonly mongo: Told;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly servers: TestServers;
  }
}

/**
 * One server of each kind per test run. With `CI=true` a missing server ends the run; elsewhere it is a loud line, and
 * every file that asks for that server fails with the reason: nothing is skipped silently.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const prefix = `t_${randomBytes(4).toString("hex")}_`;
  const [postgres, mongo] = await Promise.allSettled([startPostgres(), startMongo()]);
  const teardown = async (): Promise<void> => {
    if (postgres.status === "fulfilled") {
      if (postgres.value.source === "POSTGRES_URL") await dropPostgresLeftovers(postgres.value.url, prefix);
      await postgres.value.stop();
    }
    if (mongo.status === "fulfilled") {
      if (mongo.value.source === "MONGODB_URL") await dropMongoLeftovers(mongo.value.url, prefix);
      await mongo.value.stop();
    }
  };
  const servers = { prefix, postgres: tell("PostgreSQL", postgres), mongo: tell("MongoDB", mongo) };
  if (process.env.CI === "true" && (postgres.status === "rejected" || mongo.status === "rejected")) {
    await teardown();
    throw new Error("CI=true: a missing server is a failure (see the lines above)");
  }
  project.provide("servers", servers);
  return teardown;
};

const tell = (product: string, result: PromiseSettledResult<Server>): Told => {
  if (result.status === "fulfilled") {
    console.log(describeServer(product, result.value));
    return { url: result.value.url };
  }
  const reason = result.reason instanceof Error ? result.reason.message : String(result.reason);
  console.error(`\n!!! NO ${product}: the tests that need it do not run. ${reason}\n`);
  return { reason };
};
