import type { Aggregate, ModuleDefinition, TenantId } from "@stellaops/kernel";
import { enter, registerCollection, registerKey, type Mongo, type RegisterEntry } from "@stellaops/mongo";
import { adoptionsOf } from "../adopt/cursor.ts";
import { fieldValue } from "../adopt/convert.ts";
import { fitterOf, type Fit } from "../adopt/fit.ts";
import { misfitOf, saveMisfits } from "../adopt/misfits.ts";
import { keyNamed, namesOf, noting, type NamedKey } from "../adopt/names.ts";
import { rawOf, stamp, type LiveWrite } from "../adopt/stamp.ts";
import { enterEpoch } from "../mongo/fence.ts";
import { repeatable } from "../mongo/repeatable.ts";
import type { StageView } from "../view.ts";
import type { CaptureEvent } from "./stream.ts";

/** What became of a write of another program. */
export type CaughtUp = "stamped" | "nothing" | "misfit" | "unknown-key";

/** Enters writes of other programs into the register, as if a unit of work had made them. Each is one unit of the epoch of the view. */
export interface CatchUp {
  /** The document is as somebody left it, or gone by now. `fresh`: it was inserted, and nobody had another one of its key before. */
  written(aggregate: Aggregate, name: unknown, view: StageView, fresh?: boolean): Promise<CaughtUp>;
  /** `unknown-key`: nobody has noted whose document that `_id` was. */
  deleted(aggregate: Aggregate, name: unknown, view: StageView): Promise<CaughtUp>;
  /** Notes whose a document was that is gone before its turn came, so that its deletion, which comes later, is understood. */
  note(aggregate: Aggregate, name: unknown, told: NonNullable<CaptureEvent["fullDocument"]>): Promise<void>;
  /** A key of whichever of the two it is. */
  key(aggregate: Aggregate, key: NamedKey, view: StageView): Promise<CaughtUp>;
  /** Documents and register as they are: what does not agree is entered. How many. */
  page(aggregate: Aggregate, names: readonly unknown[], view: StageView): Promise<number>;
}

/**
 * A document that the register does not know, and that was deleted or replaced, was at a revision that nobody can tell any more, and may have
 * been copied at it: what follows is above any that is reached by single steps.
 */
const aboveUnknown = 2n ** 32n;

export function catchUpOf(mongo: Mongo, module: ModuleDefinition): CatchUp {
  const { db, client } = mongo;
  const adoptions = adoptionsOf(db);
  const fitters = new Map<string, Promise<(bytes: Uint8Array) => Fit>>();
  const fitOf = (aggregate: Aggregate) => {
    const found =
      fitters.get(aggregate.table) ??
      adoptions.options(aggregate.table).then((options) => fitterOf(aggregate, options));
    fitters.set(aggregate.table, found);
    found.catch(() => fitters.delete(aggregate.table));
    return found;
  };
  const liveOf = ({ epoch, generation }: StageView): NonNullable<LiveWrite> => ({
    epoch,
    register: { module: module.name, generation, pending: true, touched: () => {} },
  });

  const tombstone = (aggregate: Aggregate, { tenant, id }: NamedKey, view: StageView): Promise<CaughtUp> =>
    repeatable(client, async (session) => {
      const { epoch, register } = liveOf(view);
      await enterEpoch(db, session, epoch);
      const there = await db
        .collection(aggregate.table)
        .findOne({ tenantId: tenant, id }, { session, projection: { _id: 1 } });
      const entry = await db
        .collection<RegisterEntry>(registerCollection)
        .findOne({ _id: registerKey(aggregate.table, tenant, id) }, { session });
      if (there !== null || entry?.deleted === true) return "nothing";
      const revision = entry === null ? aboveUnknown : entry.revision + 1n;
      await enter({ tenant, db, session, register }, aggregate, [{ id, revision }], true);
      return "stamped";
    });

  /** A document that was given another key has left its old one. First, since what is stamped is noted under the new one. */
  const leaveKey = async (aggregate: Aggregate, name: unknown, fit: (bytes: Uint8Array) => Fit, view: StageView) => {
    const before = await keyNamed(db, aggregate.table, name);
    const [bytes] = await rawOf(mongo, aggregate, [name]);
    const now = bytes === undefined ? null : fit(bytes);
    if (before !== null && now?.fits === true && (now.id !== before.id || now.tenant !== before.tenant))
      await tombstone(aggregate, before, view);
  };

  const written: CatchUp["written"] = async (aggregate, name, view, fresh = false) => {
    const fit = await fitOf(aggregate);
    try {
      await leaveKey(aggregate, name, fit, view);
      // A record that is never changed has one revision: a write that is told twice must not make it two.
      const { changed, misfits } = await stamp(
        {
          mongo,
          aggregate,
          fit,
          live: liveOf(view),
          always: !aggregate.appendOnly,
          unknown: fresh ? 0n : aboveUnknown,
        },
        [name],
      );
      return misfits.length > 0 ? "misfit" : changed.length > 0 ? "stamped" : "nothing";
    } catch (error) {
      await saveMisfits(db, aggregate.table, [misfitOf(name, error)], []);
      return "misfit";
    }
  };

  const ofKey: CatchUp["key"] = async (aggregate, key, view) => {
    const { tenant: tenantId, id } = key;
    const found = await db.collection(aggregate.table).findOne({ tenantId, id }, { projection: { _id: 1 } });
    return found === null ? tombstone(aggregate, key, view) : written(aggregate, found._id, view);
  };

  return {
    written,
    async deleted(aggregate, name, view) {
      const key = await keyNamed(db, aggregate.table, name);
      await saveMisfits(db, aggregate.table, [], [name]);
      // Where it is there again by now, it is another document than the one that may have been copied.
      return key === null ? "unknown-key" : ofKey(aggregate, key, view);
    },
    async note(aggregate, name, told) {
      const { table } = aggregate;
      const { tenant: otherwise } = await adoptions.options(table);
      const id = fieldValue(aggregate.shape.id, told.id ?? name, "id", () => undefined);
      const tenant = typeof told.tenantId === "string" ? told.tenantId : otherwise;
      if (typeof id !== "string" || tenant === null || (await keyNamed(db, table, name)) !== null) return;
      const noted = { name, ...keyOf(tenant, id), derived: told.id === undefined };
      await namesOf(db).bulkWrite([noting(table, noted)]);
    },
    key: ofKey,
    async page(aggregate, names, view) {
      const fit = await fitOf(aggregate);
      const { changed } = await stamp(
        { mongo, aggregate, fit, live: liveOf(view), always: false, unknown: aboveUnknown },
        names,
      );
      return changed.length;
    },
  };
}

export const keyOf = (tenant: string, id: string): NamedKey => ({ tenant: tenant as TenantId, id });
