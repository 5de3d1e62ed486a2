import type { Aggregate, ModuleDefinition } from "@stellaops/kernel";
import { otherDatabase, type Database } from "../stages.ts";
import type { Home, Key, Replica } from "./replica.ts";

/** Both databases of a module. */
export type Replicas = { readonly [D in Database]: Replica };

/** Source first, target second. */
export const from = (replicas: Replicas, primary: Database): readonly [Replica, Replica] => [
  replicas[primary],
  replicas[otherDatabase(primary)],
];

export const aggregatesOf = ({ aggregates }: ModuleDefinition): ReadonlyMap<string, Aggregate> =>
  new Map(aggregates.map((aggregate) => [aggregate.table, aggregate]));

export const nameOf = ({ aggregate, tenant, id }: Key): string => `${aggregate}/${tenant}/${id}`;

/** Keys of one aggregate of one tenant: what one transaction applies. */
export interface HomeKeys extends Home {
  readonly ids: readonly string[];
}

/** Keys by their homes. Those of an aggregate that this version does not know are left out: a newer one takes them. */
export function byHome(aggregates: ReadonlyMap<string, Aggregate>, keys: readonly Key[]): readonly HomeKeys[] {
  const homes = new Map<string, Home & { readonly ids: string[] }>();
  for (const { aggregate: table, tenant, id } of keys) {
    const name = `${table}/${tenant}`;
    const aggregate = aggregates.get(table);
    const home = homes.get(name);
    if (home !== undefined) home.ids.push(id);
    else if (aggregate !== undefined) homes.set(name, { aggregate, tenant, ids: [id] });
  }
  return [...homes.values()];
}
