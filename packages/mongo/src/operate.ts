import { namedBy, type Aggregate } from "@stellaops/kernel";
import type { ClientSession, Collection } from "mongodb";
import type { StoredDocument } from "./codec.ts";
import { lostInFlight, mapError } from "./errors.ts";
import type { Unit } from "./unit.ts";

export type Operation<T> = (
  documents: Collection<StoredDocument>,
  options: { readonly session?: ClientSession },
) => Promise<T>;

/** Errors in the project's own words. */
export async function told<T>({ session, writes }: Unit, definition: Aggregate, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    return namedBy(definition)(lostInFlight(mapError(error), writes && session === undefined));
  }
}

/** One operation on the collection of an aggregate. */
export function operate<T>(unit: Unit, definition: Aggregate, work: Operation<T>): Promise<T> {
  const { db, session } = unit;
  const documents = db.collection<StoredDocument>(definition.table);
  return told(unit, definition, () => work(documents, session === undefined ? {} : { session }));
}
