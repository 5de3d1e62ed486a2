import type { Register, TenantId } from "@stellaops/kernel";

/** Under a live stage: the epoch to enter, and the register that keeps what is changed. */
export interface LiveUnit {
  readonly epoch: bigint;
  readonly register: Register;
  /** Milliseconds after which the unit is ended and run again; `defaultUnitCapMs()` when left out. */
  readonly capMs?: number;
}

export interface Access {
  readonly tenant: TenantId;
  readonly writes: boolean;
  readonly live: LiveUnit | null;
  readonly signal?: AbortSignal | undefined;
}

/** Gives the repository of a name, bound to one unit. */
export type Repositories = (name: string) => object;

/** One database, as repositories run on it. Both have the same shape, and errors of the same families. */
export interface Backend {
  /** One verb by itself. */
  single<T>(access: Access, work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** Several verbs as one unit of work. */
  transaction<T>(access: Access, work: (repositories: Repositories) => Promise<T>): Promise<T>;
}

export type Classes<U> = Readonly<Record<string, new (unit: U) => object>>;

/** How the repositories over all tenants are named beside those of one tenant, which never reach them. */
export const systemPrefix = "system.";

interface LoadedClasses<U> {
  readonly repositories: Readonly<Record<string, new (unit: U) => unknown>>;
  readonly system?: Readonly<Record<string, new (unit: U) => unknown>>;
}

export const classesOf = <U>({ repositories, system = {} }: LoadedClasses<U>): Classes<U> =>
  ({
    ...repositories,
    ...Object.fromEntries(Object.entries(system).map(([name, one]) => [`${systemPrefix}${name}`, one])),
  }) as Classes<U>;

export const bound =
  <U>(classes: Classes<U>, unit: U): Repositories =>
  (name) => {
    const Repository = classes[name];
    if (Repository === undefined) throw new TypeError(`no repository ${name}`);
    return new Repository(unit);
  };
