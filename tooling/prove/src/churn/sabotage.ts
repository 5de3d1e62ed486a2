import type { Seams, StageSource } from "@stellaops/cutover";
import { stamping, type Access, type Backend } from "./stamp.ts";

export const sabotages = {
  "stage-twice": "each verb of a unit asks for the stage by itself, and runs where it says then",
  "no-door": "units do not enter the epoch that they began under, nor the register",
} as const;

/** Every service stamps what it writes; under a sabotage the unit of work is broken below the runner. */
export function seamsOf(kind: string | null): Seams {
  let stage: StageSource | undefined;
  return {
    stage: (source) => (stage = source),
    backends({ mongo, postgres }) {
      const backends = { mongo: stamping("mongo", mongo), postgres: stamping("postgres", postgres) };
      if (kind === "no-door") return { mongo: doorless(backends.mongo), postgres: doorless(backends.postgres) };
      if (kind !== "stage-twice") return backends;
      const pieces = inPieces((access) => {
        if (stage === undefined || access.live === null) return [backends.mongo, access];
        const { primary, epoch } = stage.current();
        return [backends[primary], { ...access, live: { ...access.live, epoch } }];
      });
      return { mongo: { ...backends.mongo, ...pieces }, postgres: { ...backends.postgres, ...pieces } };
    },
  };
}

const doorless = (backend: Backend): Backend => ({
  ...backend,
  transaction: (access, work) => backend.transaction({ ...access, live: null }, work),
});

type Verb = (...args: readonly unknown[]) => Promise<unknown>;

const inPieces = (now: (access: Access) => readonly [Backend, Access]): Pick<Backend, "transaction"> => ({
  transaction: (access, work) =>
    work((name) => {
      const verbOf =
        (_: object, verb: string | symbol): Verb =>
        (...args) => {
          const [backend, piece] = now(access);
          return backend.single(piece, (repositories) => {
            const repository = repositories(name) as Readonly<Record<string | symbol, Verb>>;
            return repository[verb]?.(...args) ?? Promise.reject(new TypeError(`no verb ${String(verb)}`));
          });
        };
      return new Proxy({}, { get: verbOf });
    }),
});
