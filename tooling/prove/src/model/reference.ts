import { GLOBAL, tenantId, type TenantId } from "@stellaops/kernel";
import { advisoriesOf } from "./advisories.ts";
import { definitions, type Name } from "./aggregates.ts";
import { sourcesOf, sourceStatesOf } from "./feeds.ts";
import { kevFlagsOf, mergeEventsOf } from "./records.ts";
import { feedSnapshotsOf } from "./snapshots.ts";
import { Table } from "./table.ts";

type Verb = (...args: readonly never[]) => unknown;
type Repositories = Readonly<Record<Name, Readonly<Record<string, Verb>>>>;
type Asking = Readonly<Record<Name, Readonly<Record<string, (...args: readonly never[]) => Promise<unknown>>>>>;

/** The module in memory, as its repositories describe it: what every database is held against. */
export class Reference {
  readonly #tables: Readonly<Record<Name, Table>>;

  /** With a register a key that is created again continues above its last revision, as under a live stage. */
  constructor(registered: boolean) {
    this.#tables = Object.fromEntries(
      Object.entries(definitions).map(([name, definition]) => [name, new Table(definition, registered)]),
    ) as unknown as Readonly<Record<Name, Table>>;
  }

  /** `@global` opens the shared scope. */
  at(text: string): Asking & { transaction(work: (repositories: Asking) => Promise<unknown>): Promise<unknown> } {
    const tenant = text === GLOBAL ? GLOBAL : tenantId(text);
    const repositories = asking(this.#of(tenant), (verb) => this.#whole(() => Promise.resolve(verb())));
    const inUnit = asking(this.#of(tenant), (verb) => Promise.resolve(verb()));
    return { ...repositories, transaction: (work) => this.#whole(() => work(inUnit)) };
  }

  /** All of it, or nothing. */
  async #whole<T>(work: () => Promise<T>): Promise<T> {
    const undo = Object.values(this.#tables).map((table) => table.savepoint());
    try {
      return await work();
    } catch (error) {
      for (const one of undo) one();
      throw error;
    }
  }

  #of(tenant: TenantId): Repositories {
    const { sources, sourceStates, feedSnapshots, advisories, kevFlags, mergeEvents } = this.#tables;
    return {
      sources: sourcesOf(sources, tenant),
      sourceStates: sourceStatesOf(sourceStates, tenant),
      feedSnapshots: feedSnapshotsOf(feedSnapshots, tenant),
      advisories: advisoriesOf(advisories, tenant),
      kevFlags: kevFlagsOf(kevFlags, tenant),
      mergeEvents: mergeEventsOf(mergeEvents, tenant),
    };
  }
}

const asking = (repositories: Repositories, run: (verb: () => unknown) => Promise<unknown>): Asking =>
  Object.fromEntries(
    Object.entries(repositories).map(([name, verbs]) => [
      name,
      Object.fromEntries(
        Object.entries(verbs).map(([verb, call]) => [
          verb,
          async (...args: readonly never[]) => run(() => call(...args)),
        ]),
      ),
    ]),
  ) as unknown as Asking;
