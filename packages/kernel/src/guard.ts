import {
  derivedOf,
  isChild,
  normaliseChildKey,
  normalisePart,
  type Aggregate,
  type AggregateOf,
  type Child,
  type Shape,
} from "./aggregate.ts";
import { byBytes } from "./bytes.ts";
import { meets } from "./keys.ts";
import { revisionOf } from "./repository.ts";

type Loose = Readonly<Record<string, unknown>>;

type ChildRows<A> = {
  readonly [
    K in keyof AggregateOf<A> & string as AggregateOf<A>[K] extends readonly object[] ? K : never
  ]: AggregateOf<A>[K] extends readonly (infer R)[] ? R : never;
};

/** A row added to a list or put into a set, or taken out of a set. `when` guards the root by whether the set has the key. */
export type ChildChange<A> = {
  readonly [K in keyof ChildRows<A>]:
    | { readonly name: K; readonly put: ChildRows<A>[K]; readonly when?: "absent" | "present" }
    | { readonly name: K; readonly remove: Partial<ChildRows<A>[K]> };
}[keyof ChildRows<A>];

/** One change of one root, carried out when it is still as `where` and `unless` say. */
export interface Guarded<A extends Aggregate> {
  /** Equalities, null among them, that hold the id or a whole unique key; of a partial key its condition too. */
  readonly where: Partial<AggregateOf<A>> & { readonly revision?: bigint };
  /** What must not be equal. */
  readonly unless?: Partial<AggregateOf<A>>;
  /** `updatedAt` is the caller's to name. */
  readonly set?: Partial<AggregateOf<A>>;
  readonly add?: {
    readonly [K in keyof AggregateOf<A>]?: AggregateOf<A>[K] extends bigint | number ? AggregateOf<A>[K] : never;
  };
  readonly child?: ChildChange<A>;
}

export interface GuardedChild {
  readonly name: string;
  readonly child: Child;
  /** The whole row, or null where it is taken out. */
  readonly put: Loose | null;
  /** By which a set knows it; empty for a list. */
  readonly key: Loose;
  readonly when: "absent" | "present" | null;
}

/** The same, every value as both databases will hold it. */
export interface Guard {
  readonly where: Loose;
  readonly unless: Loose;
  readonly set: Loose;
  readonly add: Loose;
  readonly child: GuardedChild | null;
  /** Those of `where` by which the root is found: its id, or a unique key with its condition. */
  readonly identity: readonly string[];
}

/** By which a guarded change finds its root, and at which revision if it names one. */
export const identified = ({ where, identity }: Guard): Loose =>
  Object.fromEntries(Object.entries(where).filter(([field]) => identity.includes(field) || field === "revision"));

/** @throws family data: `VALUE_…`, `REVISION_INVALID` */
export function guardOf<A extends Aggregate>(definition: A, guarded: Guarded<A>): Guard {
  const { where, unless = {}, set = {}, add = {}, child } = guarded as unknown as LooseGuarded;
  const { revision, ...own } = where;
  for (const { name, of } of derivedOf(definition))
    if (of !== undefined && of in set)
      throw new TypeError(`${name} is derived from ${of}: put the whole ${definition.one}`);
  const part = (values: Loose): Loose => normalisePart<Aggregate, string>(definition, values);
  return {
    where: { ...part(own), ...(revision === undefined ? {} : { revision: revisionOf(revision) }) },
    unless: part(unless),
    set: part(set),
    add: part(add),
    child: child === undefined ? null : childOf(definition, child),
    identity: identityOf(definition, own),
  };
}

interface LooseGuarded {
  readonly where: Loose;
  readonly unless?: Loose;
  readonly set?: Loose;
  readonly add?: Loose;
  readonly child?: LooseChild;
}
interface LooseChild {
  readonly name: string;
  readonly put?: Loose;
  readonly remove?: Loose;
  readonly when?: "absent" | "present";
}

function childOf(definition: Aggregate, { name, put, remove, when }: LooseChild): GuardedChild {
  const child = (definition.shape as Shape)[name];
  if (child === undefined || !isChild(child)) throw new TypeError(`${definition.table} has no children ${name}`);
  if (child.children === "list" && (put === undefined || when !== undefined))
    throw new TypeError(`${name} is a list: rows are added to its end, and only a whole put changes the others`);
  const row = put === undefined ? normaliseChildKey(definition, name, remove ?? {}) : rowOf(definition, name, put);
  const key = Object.fromEntries(child.children === "list" ? [] : child.key.map((field) => [field, row[field]]));
  return {
    name,
    child,
    put: put === undefined ? null : row,
    key,
    when: put === undefined ? "present" : (when ?? null),
  };
}

const rowOf = (definition: Aggregate, name: string, row: Loose): Loose => {
  const clean = normalisePart<Aggregate, string>(definition, { [name]: [row] }) as Loose;
  return (clean[name] as readonly Loose[])[0] ?? {};
};

function identityOf({ table, unique }: Aggregate, where: Loose): readonly string[] {
  if ("id" in where) return ["id"];
  const key = unique.find(
    ({ fields, where: only }) =>
      fields.every((field) => field in where && where[field] !== null) && (only === null || meets(only, where)),
  );
  if (key === undefined) throw new TypeError(`a guarded change of ${table} names an id or a whole unique key`);
  return key.where === null ? key.fields : [...key.fields, key.where.field];
}

/** The aggregate with the change of its children carried out, where a database has given it as it was before. */
export function withChild<V extends object>(aggregate: V, { name, child, put, key }: GuardedChild): V {
  const rows = (aggregate as Loose)[name] as readonly Loose[];
  if (child.children === "list") return { ...aggregate, [name]: [...rows, put] };
  const others = rows.filter((row) =>
    Object.entries(key).some(([field, value]) => String(row[field]) !== String(value)),
  );
  const all = put === null ? others : [...others, put];
  const order = (a: Loose, b: Loose): number => {
    const field = child.key.find((of) => String(a[of]) !== String(b[of]));
    return field === undefined ? 0 : byBytes(String(a[field]), String(b[field]));
  };
  return { ...aggregate, [name]: all.toSorted(order) };
}
