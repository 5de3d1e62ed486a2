import type { ModuleWiring, OpenModule, Scope } from "@stellaops/cutover/open";
import { GLOBAL, retryTransient, tenantId, type Register, type TenantId } from "@stellaops/kernel";
import { testRegister } from "./rig.ts";

type Verb = (...args: readonly unknown[]) => Promise<unknown>;
type Bound = Readonly<Record<string, Readonly<Record<string, Verb>>>>;

/** How one database runs a unit. */
export interface Runner {
  single<T>(tenant: TenantId, work: (repositories: Bound) => Promise<T>): Promise<T>;
  transaction<T>(tenant: TenantId, work: (repositories: Bound) => Promise<T>): Promise<T>;
}

export const registerFor = (module: string): Register => ({ ...testRegister, module, touched: () => {} });

/** The scopes of an opened module by name: `@global` is the shared one. */
export const scopesOfModule =
  <R>(module: OpenModule<R>) =>
  (tenant: string): Scope<R> =>
    tenant === GLOBAL ? module.shared() : module.tenant(tenant);

/** Fresh repositories of one unit. */
export const bind = (repositories: object, unit: unknown): Bound =>
  Object.fromEntries(
    Object.entries(repositories as Readonly<Record<string, new (unit: unknown) => Bound[string]>>).map(
      ([name, Repository]) => [name, new Repository(unit)],
    ),
  );

/** The same as an opened module gives, over units that are made here. */
export function scopesOver<R>({ verbs }: ModuleWiring<R>, runner: Runner): (tenant: string) => Scope<R> {
  const repository = (tenant: TenantId, name: string, kinds: object) =>
    Object.fromEntries(
      Object.keys(kinds).map((verb): [string, Verb] => [
        verb,
        (...args) => retryTransient(() => runner.single(tenant, (bound) => bound[name]![verb]!(...args))),
      ]),
    );
  return (text) => {
    const tenant = text === GLOBAL ? GLOBAL : tenantId(text);
    return {
      ...Object.fromEntries(
        Object.entries<object>(verbs).map(([name, kinds]) => [name, repository(tenant, name, kinds)]),
      ),
      transaction: (work: (bound: Bound) => Promise<unknown>) => retryTransient(() => runner.transaction(tenant, work)),
    } as unknown as Scope<R>;
  };
}
