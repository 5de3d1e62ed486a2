import type { Aggregate, ModuleDefinition } from "@stellaops/kernel";
import { otherDatabase, type Database } from "../stages.ts";
import type { Key, Replica } from "./replica.ts";

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

/** Keys of one tenant and aggregate together: what one transaction applies. */
export function grouped(keys: readonly Key[]): readonly (readonly Key[])[] {
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const name = `${key.aggregate}/${key.tenant}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}
