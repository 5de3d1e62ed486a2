import type { MongoRig } from "./mongo-rig.ts";
import type { PostgresRig } from "./postgres-rig.ts";

/** What was sent while `work` ran. */
export interface Watch<T> {
  during(work: () => Promise<unknown>): Promise<readonly T[]>;
}

/** A flush is one `query` of a client: a batch of statements and one round trip. Watch before the first connection is made. */
export function watchFlushes({ postgres }: Pick<PostgresRig<unknown>, "postgres">): Watch<unknown> {
  let sent: unknown[] = [];
  postgres.pool.on("acquire", (client) => {
    if (Object.hasOwn(client, "query")) return;
    const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: readonly unknown[]) => {
        // Repositories send batches; plain text is the look for a stage record, once a second beside them.
        if (typeof args[0] !== "string") sent.push(args[0]);
        return query(...args);
      },
    });
  });
  return {
    during: async (work) => {
      sent = [];
      await work();
      return sent;
    },
  };
}

export interface Sent {
  readonly name: string;
  readonly command: Readonly<Record<string, unknown>>;
}
const housekeeping = new Set(["hello", "ping", "endSessions", "isMaster", "saslStart", "saslContinue"]);

export function watchCommands({ mongo }: Pick<MongoRig<unknown>, "mongo">): Watch<Sent> {
  let sent: Sent[] = [];
  mongo.client.on("commandStarted", ({ commandName: name, command }) => {
    if (!housekeeping.has(name) && command["find"] !== "stage") sent.push({ name, command: command });
  });
  return {
    during: async (work) => {
      sent = [];
      await work();
      return sent;
    },
  };
}
