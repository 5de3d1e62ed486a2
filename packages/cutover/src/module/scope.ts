import { conflict, familyOf, GLOBAL, programming, tenantId, type TenantId } from "@stellaops/kernel";
import { systemPrefix, type Repositories } from "./backend.ts";
import type { RunOptions } from "./run-options.ts";
import type { Runner, VerbCall } from "./runner.ts";
import type { ModuleWiring, VerbKind } from "./wiring.ts";

/** The repositories of one tenant. Each verb is a unit of its own; `transaction` makes one unit of several. */
export type Scope<R> = Readonly<R> & {
  /**
   * One unit of work on the primary, with fresh repositories. It is run again as a whole on transient errors, so `work` must have no
   * effect outside of them. A verb that throws in it ends the unit, also when the error is caught.
   * @throws `UNIT_FAILED` (conflict), then; `UNIT_OVER` (programming) from a verb that is called after the end; and what `work` throws
   * Guard what you read by its revision: on MongoDB all reads of a unit see one snapshot, and a unit whose documents changed meanwhile is
   * run again; on PostgreSQL each statement sees what is committed by then (READ COMMITTED, which the fence needs).
   */
  transaction<T>(work: (repositories: Readonly<R>) => Promise<T>, options?: RunOptions): Promise<T>;
};

export interface Scopes<R, S = object> {
  /** @throws `TENANT_MISSING`, `TENANT_RESERVED`, `TENANT_INVALID` */
  tenant(id: string): Scope<R>;
  /** The rows that all tenants read (`@global`): for importers of shared feeds. */
  shared(): Scope<R>;
  /** For workers that serve all tenants: what names the tenants with due work, each verb a read by itself. Empty where the module has none. */
  system(): Readonly<S>;
}

type Call = <T>(verb: VerbCall, work: (repositories: Repositories) => Promise<T>) => Promise<T>;
type Verb = (...args: readonly unknown[]) => Promise<unknown>;
type AllVerbs = Readonly<Record<string, Readonly<Record<string, VerbKind>>>>;

/** Objects with the declared verbs and nothing else, so that what an interface hides is not there at run time either. */
function repositoriesOf(verbs: AllVerbs, call: Call, prefix = ""): object {
  return Object.fromEntries(
    Object.entries(verbs).map(([name, kinds]) => [
      name,
      Object.fromEntries(
        Object.entries(kinds).map(([verb, kind]): [string, Verb] => {
          const named: VerbCall = { kind, name: `${prefix}${name}.${verb}` };
          const of =
            (args: readonly unknown[]) =>
            (repositories: Repositories): Promise<unknown> => {
              const repository = repositories(prefix + name) as Readonly<Record<string, Verb>>;
              const method = repository[verb];
              if (method === undefined) throw new TypeError(`${prefix}${name} has no verb ${verb}`);
              return method.apply(repository, [...args]);
            };
          return [verb, (...args) => call(named, of(args))];
        }),
      ),
    ]),
  );
}

type Callable<R> = Pick<ModuleWiring<R>, "verbs" | "system">;

export function scopesOf<R>({ verbs, system = {} }: Callable<R>, runner: Runner): Scopes<R> {
  const known = new Map<TenantId, Scope<R>>();
  const scope = (tenant: TenantId): Scope<R> => {
    const found = known.get(tenant);
    if (found !== undefined) return found;
    const repositories = repositoriesOf(verbs, (verb, work) => runner.verb(tenant, verb, work));
    const made = Object.assign(repositories, {
      transaction: (work: (repositories: R) => Promise<unknown>, options?: RunOptions) =>
        runner.transaction(
          tenant,
          (bound) => inUnit(verbs, bound, work as (repositories: object) => Promise<unknown>),
          options,
        ),
    }) as Scope<R>;
    // A scope holds no connection; the bound only keeps a process that serves very many tenants from growing.
    if (known.size >= 10_000) known.clear();
    known.set(tenant, made);
    return made;
  };
  const overAll = repositoriesOf(system, (verb, work) => runner.verb(GLOBAL, verb, work), systemPrefix);
  return { tenant: (id) => scope(tenantId(id)), shared: () => scope(GLOBAL), system: () => overAll };
}

/** The verbs of one unit run one after the other, also when they are not awaited: a transaction is one conversation on both databases. */
async function inUnit<T>(verbs: AllVerbs, bound: Repositories, work: (repositories: object) => Promise<T>): Promise<T> {
  let failed: { readonly error: unknown } | undefined;
  let over = false;
  let last: Promise<unknown> = Promise.resolve();
  const repositories = repositoriesOf(verbs, (_named, verb) => {
    if (over) throw programming("UNIT_OVER", "this unit of work has ended; await every verb inside of it");
    const answer = last.then(() => (failed === undefined ? verb(bound) : Promise.reject(unitFailed(failed.error))));
    last = answer.catch((error: unknown) => void (failed ??= { error }));
    return answer;
  });
  try {
    const result = await work(repositories);
    await last;
    if (failed === undefined) return result;
  } finally {
    over = true;
    await last;
  }
  throw unitFailed(failed.error);
}

/** What is transient stays so, for the unit is run again as a whole. */
const unitFailed = (cause: unknown): unknown =>
  familyOf(cause) === "transient"
    ? cause
    : conflict("UNIT_FAILED", "a verb of this unit failed and its error was caught; nothing of the unit was stored", {
        cause,
      });
