import { setTimeout as wait } from "node:timers/promises";
import { otherDatabase, type Backends, type Database, type Replica, type Seams } from "@stellaops/cutover";

export const sabotages = {
  "wait-for-secondary": "callers wait until the secondary has what they wrote",
  "forget-pending": "every third apply clears its pending marks and applies nothing",
  "shadow-on-path": "the secondary is asked before a caller has its answer",
  "shadow-answers": "callers are given what the secondary answers, where it answers",
  "lag-is-difference": "what the secondary answers is compared as if it were of the primary's revision",
} as const;

/** What a service is broken with, whose secondary this is. */
export function seamsOf(kind: string | null, secondary: Database): Seams {
  if (kind === "forget-pending")
    return { replicas: (replicas) => ({ ...replicas, [secondary]: forgetting(replicas[secondary]) }) };
  const primary = otherDatabase(secondary);
  if (kind === "shadow-on-path" || kind === "shadow-answers") {
    const answered = kind === "shadow-on-path" ? awaiting : preferring;
    return {
      backends: (backends) => ({ ...backends, [primary]: answered(backends[primary], backends[secondary]) }),
    };
  }
  if (kind !== "lag-is-difference") return {};
  return { backends: (backends) => ({ ...backends, [secondary]: newest(backends[secondary], backends[primary]) }) };
}

/** Marks are cleared, and nothing was applied. */
function forgetting(replica: Replica): Replica {
  let applies = 0;
  return {
    ...replica,
    apply: (...given) => ((applies += 1) % 3 === 0 ? Promise.resolve() : replica.apply(...given)),
  };
}

type Backend = Backends[Database];

const withReads = (backend: Backend, read: Backend["single"]): Backend => ({
  ...backend,
  single: (access, work) => (access.writes ? backend.single(access, work) : read(access, work)),
});

const awaiting = (primary: Backend, secondary: Backend): Backend =>
  withReads(primary, async (access, work) => {
    const answer = await primary.single(access, work);
    await soon(secondary.single(access, work));
    return answer;
  });

const preferring = (primary: Backend, secondary: Backend): Backend =>
  withReads(primary, async (access, work) => {
    const found = await soon(secondary.single(access, work));
    return found === null ? primary.single(access, work) : found.answer;
  });

const newest = (secondary: Backend, primary: Backend): Backend =>
  withReads(secondary, async (access, work) => {
    const found = await secondary.single(access, work);
    const current = await primary.single(access, work);
    if (!(found instanceof Object && current instanceof Object && "revision" in current)) return found;
    return Object.assign(found, { revision: current.revision });
  });

/** Broken as it is, a run must come to its end: null for no answer. */
const soon = <T>(asked: Promise<T>): Promise<{ readonly answer: T } | null> =>
  Promise.race([
    asked.then(
      (answer) => ({ answer }),
      () => null,
    ),
    wait(2_000, null),
  ]);
