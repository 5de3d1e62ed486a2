import { isId, isTenant, type TenantId } from "@stellaops/kernel";
import type { Collection, Db } from "mongodb";
import { misfitKey } from "./misfits.ts";

/**
 * Whose document an `_id` names. A deletion tells the `_id` only, so that one which does not say it by itself (`<tenant>/<id>`) is noted
 * when the document is seen.
 */
export interface NamedKey {
  readonly tenant: TenantId;
  readonly id: string;
}

interface NameDocument {
  /** `<collection>/<_id as extended JSON>` */
  readonly _id: string;
  readonly aggregate: string;
  readonly tenantId: string;
  readonly id: string;
  /** The id was made from the ObjectId. */
  readonly derived: boolean;
}

export const namesOf = (db: Db): Collection<NameDocument> => db.collection("document_names");

/** True where the `_id` says the key by itself. */
export const saysItsKey = (name: unknown, { tenant, id }: NamedKey): boolean => name === `${tenant}/${id}`;

export interface Noted extends NamedKey {
  readonly name: unknown;
  readonly derived: boolean;
}

export const noting = (aggregate: string, { name, tenant, id, derived }: Noted) => ({
  replaceOne: {
    filter: { _id: misfitKey(aggregate, name) },
    replacement: { aggregate, tenantId: tenant, id, derived },
    upsert: true,
  },
});

/** Null where nobody has noted it. What was noted is more than what the text says. */
export async function keyNamed(db: Db, aggregate: string, name: unknown): Promise<NamedKey | null> {
  const found = await namesOf(db).findOne({ _id: misfitKey(aggregate, name) });
  if (found !== null) return { tenant: found.tenantId as TenantId, id: found.id };
  const [tenant = "", id = "", ...rest] = typeof name === "string" ? name.split("/") : [];
  return rest.length === 0 && isId(id) && isTenant(tenant) ? { tenant, id } : null;
}
