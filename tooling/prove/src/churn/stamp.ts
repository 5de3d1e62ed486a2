import type { Backends, Database } from "@stellaops/cutover";
import type { Source, Sources } from "@stellaops/vuln";

export type Backend = Backends[Database];
export type Access = Parameters<Backend["single"]>[0];
type Repositories = Parameters<Parameters<Backend["single"]>[1]>[0];

/** Which database wrote an entry, and under which epoch: put into its content by the backend that writes it, so that the rows themselves tell. */
export const stampOf = (database: Database, epoch: bigint | undefined): string => `${database}/${epoch ?? "none"}`;

const stamped =
  (repositories: Repositories, stamp: string): Repositories =>
  (name) => {
    const repository = repositories(name);
    if (name !== "sources") return repository;
    const sources = repository as Sources;
    return Object.assign(Object.create(sources) as Sources, {
      put: (source: Source, expected: bigint) => sources.put({ ...source, name: stamp }, expected),
    });
  };

export const stamping = (database: Database, backend: Backend): Backend => ({
  single: (access, work) =>
    backend.single(access, (repositories) => work(stamped(repositories, stampOf(database, access.live?.epoch)))),
  transaction: (access, work) =>
    backend.transaction(access, (repositories) => work(stamped(repositories, stampOf(database, access.live?.epoch)))),
});
