import { isChild, type Aggregate } from "@stellaops/kernel";
import { BSON } from "mongodb";
import { membersOf, typeOf, type Document } from "../compare/mongo/bson.ts";
import { placesOf, type CollectionMapping } from "./mapping.ts";
import type { Refuse } from "./refusal.ts";

/** Brings the fields of a document under the names that the aggregate has, without looking at their values. */
export function reshape(aggregate: Aggregate, mapping: CollectionMapping, stored: Document, refuse: Refuse): Document {
  const fields = new Map(Object.entries(stored));
  for (const [from, to] of Object.entries(mapping.rename ?? {})) rename(aggregate, fields, { from, to }, refuse);
  for (const [name, value] of Object.entries(mapping.defaults ?? {})) if (!fields.has(name)) fields.set(name, value);
  const derivedFrom = fields.has("id") ? undefined : fields.get("_id");
  if (!fields.has("id")) fields.set("id", fields.get("_id"));
  const { shape, derived } = aggregate;
  const known = (name: string): boolean =>
    name === "_id" ||
    name === "tenantId" ||
    name === "revision" ||
    Object.hasOwn(shape, name) ||
    Object.hasOwn(derived, name);
  const strange = [...fields.keys()].filter((name) => !known(name));
  if (mapping.keep === undefined) for (const name of strange) refuse(name, "FIELD_UNKNOWN", sentence(aggregate));
  else {
    const kept = strange.map((name): [string, unknown] => [name, fields.get(name)]);
    if (derivedFrom instanceof BSON.ObjectId) kept.push(["_id", derivedFrom.toHexString()]);
    keep(fields, mapping.keep, kept, refuse);
  }
  return Object.fromEntries(fields);
}

const sentence = ({ shape }: Aggregate): string => {
  const places = placesOf(shape);
  const way =
    places.length === 0
      ? "and the aggregate has no payload for it"
      : `; a mapping may keep it in ${places.join(" or ")}`;
  return `is not declared ${way}`.replace(" ;", ";");
};

type Renaming = { readonly from: string; readonly to: string };

function rename({ shape }: Aggregate, fields: Map<string, unknown>, { from, to }: Renaming, refuse: Refuse): void {
  if (!fields.has(from)) return;
  const value = fields.get(from);
  if (from === "_id") {
    const member = shape[to as keyof typeof shape];
    const asText = value instanceof BSON.ObjectId && member !== undefined && !isChild(member) && member.kind !== "id";
    const copied = asText ? value.toHexString() : value;
    // A document with a revision was adopted: the field is the module's since then, and may have changed.
    if (fields.has(to) && !fields.has("revision") && fields.get(to) !== copied)
      return refuse(from, "FIELD_TAKEN", `would become ${to}, which the document has as well`);
    if (!fields.has(to)) fields.set(to, copied);
    return;
  }
  if (fields.has(to)) return refuse(from, "FIELD_TAKEN", `would become ${to}, which the document has as well`);
  fields.delete(from);
  fields.set(to, value);
}

function keep(
  fields: Map<string, unknown>,
  place: string,
  kept: readonly (readonly [string, unknown])[],
  refuse: Refuse,
): void {
  if (kept.length === 0) return;
  const payload = fields.get(place) ?? {};
  const members = membersOf(payload);
  if (members === null)
    return refuse(place, "FIELD_TAKEN", `is stored as ${typeOf(payload)} and can take no further fields`);
  for (const [name] of kept)
    if (Object.hasOwn(members, name))
      refuse(name, "FIELD_TAKEN", `would become ${place}.${name}, which the document has as well`);
  for (const [name] of kept) if (name !== "_id") fields.delete(name);
  fields.set(place, Object.fromEntries([...Object.entries(members), ...kept]));
}
