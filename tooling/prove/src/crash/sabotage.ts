import { setTimeout as wait } from "node:timers/promises";
import {
  otherDatabase,
  type Backends,
  type Database,
  type Faults,
  type FaultPoint,
  type Seams,
} from "@stellaops/cutover";

/** How a process is broken on purpose, and the points at which that has to show. */
interface Sabotage {
  readonly breaks: string;
  readonly points: readonly FaultPoint[];
  readonly seams: (faults: Faults) => Seams;
}

export const sabotages: Readonly<Record<string, Sabotage>> = {
  "no-pending": {
    breaks: "a write leaves no pending mark, so that what a dead process had not applied is never applied",
    points: ["unit-committed", "unit-handed", "apply-taken"],
    seams: (faults) => ({
      faults,
      backends: (backends) =>
        eachBackend(backends, (backend) => {
          const unmarked = (access: Access): Access =>
            access.live === null
              ? access
              : { ...access, live: { ...access.live, register: { ...access.live.register, pending: false } } };
          return {
            single: (access, work) => backend.single(unmarked(access), work),
            transaction: (access, work) => backend.transaction(unmarked(access), work),
          };
        }),
    }),
  },
  "clear-before-apply": {
    breaks: "a pending mark is cleared before its state is applied",
    points: ["apply-applied"],
    seams: (faults) => ({
      faults,
      replicas: (replicas) =>
        both((database) => ({
          ...replicas[database],
          async apply(aggregate, tenant, states, generation) {
            await replicas[otherDatabase(database)].clear(aggregate, tenant, states);
            await faults.at("apply-applied");
            await replicas[database].apply(aggregate, tenant, states, generation);
          },
        })),
    }),
  },
  "early-answer": {
    breaks: "a write is acknowledged before it is committed",
    points: ["unit-written"],
    seams: (faults) => ({
      faults: { at: (point) => (point === "unit-written" ? undefined : faults.at(point)) },
      backends: (backends) =>
        eachBackend(backends, (backend) => ({
          ...backend,
          single: (access, work) =>
            access.writes
              ? new Promise((resolve, reject) => {
                  const unit = backend.transaction(access, async (repositories) => {
                    const answer = await work(repositories);
                    resolve(answer);
                    await wait(5);
                    await faults.at("unit-written");
                    return answer;
                  });
                  unit.catch(reject);
                })
              : backend.single(access, work),
        })),
    }),
  },
  "no-recovery": {
    breaks: "nobody finishes a change of the stage that died half-way",
    points: ["after-intention", "after-decision"],
    // The process that dies is as it is; the others cannot write the stage record.
    seams: (faults) => ({ faults }),
  },
};

type Backend = Backends["mongo"];
type Access = Parameters<Backend["single"]>[0];

const both = <T>(of: (database: Database) => T): { readonly [D in Database]: T } => ({
  mongo: of("mongo"),
  postgres: of("postgres"),
});
const eachBackend = (backends: Backends, change: (backend: Backend) => Backend): Backends =>
  both((database) => change(backends[database]));

export const sabotaged = (name: string | null, faults: Faults): Seams =>
  (name === null ? undefined : sabotages[name])?.seams(faults) ?? { faults };
