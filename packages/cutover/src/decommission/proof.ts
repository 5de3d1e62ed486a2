import { raised } from "@stellaops/mongo";
import type { Json } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { StageRecord } from "../record.ts";
import type { Sides } from "../side.ts";
import { instancesOf } from "../stage/known-instances.ts";

import type { Fixed } from "./fixed.ts";
import { observeTraffic } from "./traffic.ts";

/**
 * - `stage`: PostgreSQL alone holds the module, and no change is under way;
 * - `epochs`: every epoch of MongoDB is closed, so that no unit of work can commit there;
 * - `fixed`: the stage cannot change, and services may run without MongoDB's driver;
 * - `instances`: no service follows the record, for which it would hold a connection to MongoDB;
 * - `traffic`: nothing reached the module's database for a while.
 */
export type ProofName = "stage" | "epochs" | "fixed" | "instances" | "traffic";

/** What one look saw; plain JSON. */
export interface Proof {
  readonly name: ProofName;
  readonly passed: boolean;
  readonly saw: string;
  /** What to do about it; null where it passed. */
  readonly fix: string | null;
  readonly numbers: Readonly<Record<string, Json>>;
}

export interface ProofOptions {
  readonly sides: Sides;
  readonly mongo: Db;
  readonly at: StageRecord;
  readonly fixed: Fixed | null;
  readonly observeMs: number;
  /** Instances that the operator states to be gone. */
  readonly gone?: readonly string[];
  readonly signal?: AbortSignal;
}

/** One look after the other; those behind one that failed are made all the same, since each needs something else to be mended. */
export async function* proofs(options: ProofOptions): AsyncGenerator<Proof> {
  const { module, epoch, stage } = options.at;
  yield passed("stage", `settled at "${stage}", epoch ${epoch}`, { epoch: String(epoch) });
  yield await epochsClosed(options);
  yield stillFixed(options, module);
  yield await nobodyFollows(options, module);
  yield await nothingReaches(options, module);
}

const passed = (name: ProofName, saw: string, numbers: Proof["numbers"]): Proof => ({
  name,
  passed: true,
  saw,
  fix: null,
  numbers,
});
const failed = (name: ProofName, saw: string, fix: string, numbers: Proof["numbers"]): Proof => ({
  name,
  passed: false,
  saw,
  fix,
  numbers,
});

async function epochsClosed({ mongo }: ProofOptions): Promise<Proof> {
  const found = await mongo
    .listCollections({ name: /^epoch_\d+$/ }, { nameOnly: false })
    .toArray()
    .catch(raised);
  const open = found.filter(({ options }) => JSON.stringify(options?.["validator"]) !== '{"$expr":false}');
  const numbers = { epochs: found.length, open: open.map(({ name }) => name) };
  return open.length === 0
    ? passed("epochs", `all ${found.length} epochs of MongoDB are closed`, numbers)
    : failed(
        "epochs",
        `${numbers.open.join(", ")} of MongoDB is open`,
        "MongoDB still accepts units of work: look at both copies of the stage record before anything else",
        numbers,
      );
}

const stillFixed = ({ fixed, at }: ProofOptions, module: string): Proof =>
  fixed !== null && fixed.releasedAt === null && fixed.epoch === at.epoch
    ? passed("fixed", `since ${fixed.since.toISOString()} by ${fixed.by}`, { epoch: String(fixed.epoch) })
    : failed("fixed", "the stage can still change", `run \`stella-data decommission --module ${module}\``, {});

/** Also whoever is silent: it may be asleep, and only the operator knows that it is gone. */
async function nobodyFollows({ sides, at, gone = [] }: ProofOptions, module: string): Promise<Proof> {
  const { instances } = await instancesOf(sides);
  const leases = await sides.postgres.leases.outstanding(at.epoch, 0);
  const names = new Set([...instances, ...leases].map(({ instance }) => instance));
  const there = [...names].filter((name) => !gone.includes(name)).toSorted();
  const numbers = { instances: there, gone: gone.filter((name) => names.has(name)) };
  return there.length === 0
    ? passed("instances", "no service follows the stage record", numbers)
    : failed(
        "instances",
        `${there.length} follow the stage record, and so hold MongoDB open: ${there.join(", ")}`,
        `restart them with STELLA_${module.toUpperCase()}_STAGE=postgres; one that is dead is named by --gone`,
        numbers,
      );
}

async function nothingReaches({ mongo, observeMs, signal }: ProofOptions, module: string): Promise<Proof> {
  const { operations, connections, connectionsCreated } = await observeTraffic(mongo, observeMs, signal);
  const numbers = { milliseconds: observeMs, operations, connections, connectionsCreated };
  const seconds = `${observeMs / 1_000} s`;
  const counts = Object.entries(operations);
  return counts.length === 0
    ? passed(
        "traffic",
        `in ${seconds} nothing reached database ${mongo.databaseName}; the server took in ${connectionsCreated} connections for others`,
        numbers,
      )
    : failed(
        "traffic",
        `in ${seconds} something reached ${counts.map(([name, count]) => `${mongo.databaseName}.${name} ${count} times`).join(", ")}`,
        `find who sends it (open connections: ${Object.keys(connections).join(", ")}) and stop it, or let module ${module} stay where it is`,
        numbers,
      );
}
