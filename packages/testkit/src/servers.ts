import { inject } from "vitest";
import type { TestServers } from "./global-setup.ts";

const urlOf = (product: string, server: TestServers["postgres"]): string => {
  if ("url" in server) return server.url;
  throw new Error(`this test needs ${product}: ${server.reason}`);
};

/** A superuser's URL of the maintenance database of the run's PostgreSQL. */
export const postgresUrl = (): string => urlOf("PostgreSQL", inject("servers").postgres);

/** The URL of the run's MongoDB, a replica set. */
export const mongoUrl = (): string => urlOf("MongoDB", inject("servers").mongo);

let count = 0;

/** A name that no other file, worker or run uses, and that tells which run it belongs to. */
export const freshName = (): string => `${inject("servers").prefix}${process.pid}_${(count += 1)}`;

/** One name per run for a template that several files clone. */
export const templateName = (key: string): string => `${inject("servers").prefix}template_${key}`;
