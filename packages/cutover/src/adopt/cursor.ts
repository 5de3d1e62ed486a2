import type { TenantId } from "@stellaops/kernel";
import { raised } from "@stellaops/mongo";
import type { Db } from "mongodb";
import type { FitOptions } from "./fit.ts";
import { mappingFrom, mappingText, noMapping } from "./mapping.ts";

/** How far the adoption of one collection is. */
export interface Adoption {
  /** `_id` of the last document that was looked at; undefined: none yet. */
  readonly cursor: unknown;
  readonly done: boolean;
  readonly counts: AdoptionCounts;
}

export interface AdoptionCounts {
  readonly scanned: number;
  /** Brought into shape. */
  readonly adopted: number;
  /** Were in shape already. */
  readonly inPlace: number;
  readonly refused: number;
}

interface AdoptionDocument {
  readonly _id: string;
  /** Absent before the first page. */
  readonly cursor?: unknown;
  readonly done: boolean;
  readonly counts: AdoptionCounts;
  readonly tenant: TenantId | null;
  /** Extended JSON, since names in it may hold points. */
  readonly mapping: string;
  readonly updatedAt: Date;
}

const noCounts: AdoptionCounts = { scanned: 0, adopted: 0, inPlace: 0, refused: 0 };
const beginning: Adoption = { cursor: undefined, done: false, counts: noCounts };

/** Durable, in the module's MongoDB database. */
export interface Adoptions {
  /** Where to go on: behind an interrupted adoption with the same options, else from the beginning. */
  resume(table: string, options: FitOptions): Promise<Adoption>;
  save(table: string, options: FitOptions, adoption: Adoption): Promise<void>;
  /** With what the collection was adopted last; documents that another program goes on writing are read by the same rules. */
  options(table: string): Promise<FitOptions>;
}

export function adoptionsOf(db: Db): Adoptions {
  const adoptions = db.collection<AdoptionDocument>("adoptions");
  const find = (table: string) => adoptions.findOne({ _id: table }).catch(raised);
  return {
    async resume(table, { tenant, mapping }) {
      const found = await find(table);
      if (found === null || found.done || found.tenant !== tenant || found.mapping !== mappingText(mapping))
        return beginning;
      const { cursor, counts } = found;
      return { cursor, done: false, counts };
    },
    async save(table, { tenant, mapping }, { cursor, done, counts }) {
      const state = { done, counts, tenant, mapping: mappingText(mapping), updatedAt: new Date() };
      await adoptions
        .replaceOne({ _id: table }, { ...state, ...(cursor === undefined ? {} : { cursor }) }, { upsert: true })
        .catch(raised);
    },
    async options(table) {
      const found = await find(table);
      return found === null
        ? { tenant: null, mapping: noMapping }
        : { tenant: found.tenant, mapping: mappingFrom(found.mapping) };
    },
  };
}
