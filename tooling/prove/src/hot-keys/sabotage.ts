import type { Backends, Seams } from "@stellaops/cutover";
import type { Sources } from "@stellaops/vuln";
import { overridden } from "../overridden.ts";

type Backend = Backends["mongo"];
type Repositories = Parameters<Parameters<Backend["single"]>[1]>[0];

/** Each puts something else in the place of the repository of sources. */
const kinds = {
  /** Whatever revision is named, the one that is there is replaced. */
  "unguarded-put": () => (sources: Sources) =>
    overridden(sources, {
      put: async (source: Parameters<Sources["put"]>[0]) =>
        sources.put(source, (await sources.get(source.id))?.revision ?? 0n),
    }),
  /** Every twentieth read is answered with what an earlier one was told. */
  "stale-read": () => {
    const told = new Map<string, Awaited<ReturnType<Sources["get"]>>>();
    let reads = 0;
    return (sources: Sources) =>
      overridden(sources, {
        get: async (id: string) => {
          const old = told.get(id);
          if ((reads += 1) % 20 === 0 && old !== undefined) return old;
          const found = await sources.get(id);
          told.set(id, old ?? found);
          return found;
        },
      });
  },
};

export const sabotages = {
  "unguarded-put": "a put replaces whatever is there, not only the revision that was read",
  "stale-read": "some reads are answered with what an earlier one was told",
} as const satisfies Record<keyof typeof kinds, string>;

export function seamsOf(kind: string | null): Seams {
  if (kind === null || !Object.hasOwn(kinds, kind)) return {};
  const change = kinds[kind as keyof typeof kinds]();
  const through =
    (repositories: Repositories): Repositories =>
    (name) => {
      const repository = repositories(name);
      return name === "sources" ? change(repository as Sources) : repository;
    };
  const changed = (backend: Backend): Backend => ({
    single: (access, work) => backend.single(access, (repositories) => work(through(repositories))),
    transaction: (access, work) => backend.transaction(access, (repositories) => work(through(repositories))),
  });
  return { backends: ({ mongo, postgres }) => ({ mongo: changed(mongo), postgres: changed(postgres) }) };
}
