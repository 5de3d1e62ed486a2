import type { Purge } from "@stellaops/kernel";
import type { Where } from "./where.ts";

/** Old by the request, and by the server's own clock as old as the rule says at least. */
export function oldOf<D>({ by, least, before }: Purge, only: object): Where<D> {
  const among = Object.entries(only).map(([field, values]) => [field, { $in: values }]);
  const floor = { $subtract: ["$$NOW", least * 86_400_000] };
  return {
    ...Object.fromEntries(among),
    [by]: { $lt: before },
    $expr: { $lt: [`$${by}`, floor] },
  };
}
