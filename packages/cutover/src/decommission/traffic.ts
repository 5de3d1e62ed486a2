import { raised } from "@stellaops/mongo";
import { refused } from "@stellaops/kernel";
import { setTimeout as wait } from "node:timers/promises";
import type { Db } from "mongodb";
import { until } from "../until.ts";

/** What MongoDB was asked, over a while. */
export interface Traffic {
  readonly milliseconds: number;
  /** Operations on collections of the module's database, whoever sent them; collections without any are left out. */
  readonly operations: Readonly<Record<string, number>>;
  /** Connections that the server took in this time, of every client and for every database of it. */
  readonly connectionsCreated: number;
  /** Open at the end, by application name, this process included. */
  readonly connections: Readonly<Record<string, number>>;
}

interface Counted {
  readonly operations: ReadonlyMap<string, number>;
  readonly created: number;
}

/**
 * Counts what reaches the module's database from anywhere, this library or not, for so long. Asks nothing of that database itself meanwhile.
 * What it cannot see: a client that happens to be silent for all of it. @throws `OBSERVE_REFUSED` (refused)
 */
export async function observeTraffic(db: Db, milliseconds: number, signal?: AbortSignal): Promise<Traffic> {
  await until(() => atRest(db), { deadlineMs: endingMs, pauseMs: 50, signal });
  const before = await counted(db);
  await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
  const after = await counted(db);
  const grown = [...after.operations]
    .map(([name, count]): [string, number] => [name, count - (before.operations.get(name) ?? 0)])
    .filter(([, count]) => count > 0);
  return {
    milliseconds,
    operations: Object.fromEntries(grown),
    connectionsCreated: after.created - before.created,
    connections: await connectionsOf(db),
  };
}

/** A process that has ended may leave a wait at the server, which counts when it runs out: a change stream waits for a second. */
const endingMs = 2_000;
async function atRest(db: Db): Promise<boolean> {
  const under = { $expr: { $eq: [{ $indexOfCP: ["$ns", `${db.databaseName}.`] }, 0] } };
  const active = await db.client
    .db("admin")
    .aggregate([{ $currentOp: { allUsers: true } }, { $match: { active: true, ...under } }, { $limit: 1 }], {
      readConcern: { level: "local" },
    })
    .toArray()
    .catch(forbidden);
  return active.length === 0;
}

async function counted(db: Db): Promise<Counted> {
  const admin = db.client.db("admin");
  const [top, status] = await Promise.all([
    admin.command({ top: 1 }).catch(forbidden),
    admin.command({ serverStatus: 1 }).catch(forbidden),
  ]);
  const totals = top["totals"] as Readonly<Record<string, { readonly total?: { readonly count: number | bigint } }>>;
  const prefix = `${db.databaseName}.`;
  const operations = Object.entries(totals).flatMap(([name, { total }]): [string, number][] =>
    name.startsWith(prefix) && total !== undefined ? [[name.slice(prefix.length), Number(total.count)]] : [],
  );
  return { operations: new Map(operations), created: Number(status["connections"].totalCreated) };
}

async function connectionsOf(db: Db): Promise<Readonly<Record<string, number>>> {
  const found = await db.client
    .db("admin")
    .aggregate<{ readonly _id: string; readonly open: number | bigint }>(
      [
        { $currentOp: { allUsers: true, idleConnections: true } },
        { $match: { client: { $exists: true } } },
        { $group: { _id: { $ifNull: ["$appName", "unnamed"] }, open: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ],
      { readConcern: { level: "local" } },
    )
    .toArray()
    .catch(forbidden);
  return Object.fromEntries(found.map(({ _id, open }) => [_id, Number(open)]));
}

function forbidden(error: unknown): never {
  if (error instanceof Error && "code" in error && error.code === 13)
    throw refused(
      "OBSERVE_REFUSED",
      "this MongoDB user may not see the server's counters; give it the role clusterMonitor, and run again",
      { cause: error },
    );
  raised(error);
}
