import type { Backends, Seams } from "@stellaops/cutover";
import { notFound, type Page } from "@stellaops/kernel";
import { overridden } from "../overridden.ts";

type Backend = Backends["mongo"];
type Repositories = Parameters<Parameters<Backend["single"]>[1]>[0];
type Verb = (...args: readonly unknown[]) => Promise<unknown>;

/** Each changes one answer of one verb, of the store that has PostgreSQL as its primary. */
const kinds: Readonly<Record<string, { readonly verb: string; readonly change: (verb: Verb) => Verb }>> = {
  order: {
    verb: "list",
    change: (verb) => (request) => verb(request).then((page) => reversed(page as Page<unknown>)),
  },
  "off-by-one": {
    verb: "list",
    change: (verb) => (request) => verb(request).then((page) => shortened(page as Page<unknown>)),
  },
  "error-code": {
    verb: "put",
    change:
      (verb) =>
      (...args) =>
        verb(...args).catch(() => Promise.reject(notFound("NOT_FOUND", "it is not there"))),
  },
};

export const sabotages = {
  order: "a list is given in the opposite order",
  "off-by-one": "a page is one item short",
  "error-code": "a put that is refused says NOT_FOUND, whatever the reason",
};

const reversed = (page: Page<unknown>): Page<unknown> => ({ ...page, items: page.items.toReversed() });
const shortened = (page: Page<unknown>): Page<unknown> => ({ ...page, items: page.items.slice(1) });

export function seamsOf(kind: string | null): Seams {
  const sabotage = kind === null ? undefined : kinds[kind];
  if (sabotage === undefined) return {};
  const through =
    (repositories: Repositories): Repositories =>
    (name) => {
      const repository = repositories(name) as Readonly<Record<string, Verb>>;
      const verb = repository[sabotage.verb];
      if (verb === undefined) return repository;
      return overridden(repository, { [sabotage.verb]: sabotage.change(verb.bind(repository)) });
    };
  const changed = (backend: Backend): Backend => ({
    single: (access, work) => backend.single(access, (repositories) => work(through(repositories))),
    transaction: (access, work) => backend.transaction(access, (repositories) => work(through(repositories))),
  });
  return { backends: ({ mongo, postgres }) => ({ mongo, postgres: changed(postgres) }) };
}
