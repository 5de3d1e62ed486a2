import { byBytes, canonicalJson, sha256, type Json } from "@stellaops/kernel";
import type { Layout, Place } from "./layout.ts";
import type { RawRecord } from "./record.ts";

const longest = 200;

/** Paths at which two records differ: into children where both have as many, to the member elsewhere. */
export function differingPaths({ places }: Layout, left: RawRecord, right: RawRecord): readonly string[] {
  return places.flatMap(({ name, member }, i) => {
    const [l = "", r = ""] = [left.texts[i], right.texts[i]];
    if (l === r) return [];
    return "children" in member ? childPaths(name, JSON.parse(l) as Json, JSON.parse(r) as Json) : [name];
  });
}

type Members = Readonly<Record<string, Json>>;
const isMembers = (value: Json | undefined): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function childPaths(name: string, left: Json, right: Json): readonly string[] {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return [name];
  const rows = right as readonly Json[];
  return (left as readonly Json[]).flatMap((l, i) => {
    const r = rows[i];
    if (!isMembers(l) || !isMembers(r)) return same(l, r) ? [] : [`${name}.${i}`];
    const names = [...new Set([...Object.keys(l), ...Object.keys(r)])].toSorted(byBytes);
    return names.flatMap((member) => (same(l[member], r[member]) ? [] : [`${name}.${i}.${member}`]));
  });
}

const same = (left: Json | undefined, right: Json | undefined): boolean =>
  canonicalJson(left ?? null) === canonicalJson(right ?? null);

/** What a record has at a path, fit to be shown. */
export function shownAt(layout: Layout, record: RawRecord | null, path: string): Json {
  if (record === null) return "absent";
  const [name = "", ...steps] = path.split(".");
  const i = layout.at.get(name);
  const text = i === undefined ? record.undeclared.get(path) : record.texts[i];
  if (text === undefined) return "absent";
  let value: Json | undefined = JSON.parse(text) as Json;
  for (const step of steps) value = (value as Readonly<Record<string, Json>> | null)?.[step];
  return value === undefined ? "absent" : show(layout.places[i ?? -1], steps.length > 0, value);
}

/** Open are members of the root that hold no payload and are short. A secret is not shown at all: what is weak could be guessed by its digest. */
function show(place: Place | undefined, inside: boolean, value: Json): Json {
  if (value === null) return null;
  if (isMembers(value) && typeof value["$bson"] === "string") {
    const { $bson: type, value: stored } = value;
    if (stored === undefined) return type;
    const shown = show(place, inside, stored);
    return `${type} ${typeof shown === "string" ? shown : canonicalJson(shown)}`;
  }
  const member = place?.member;
  if (member !== undefined && !("children" in member) && member.kind === "secret") return "secret";
  const open = member !== undefined && !("children" in member) && member.kind !== "json";
  const text = canonicalJson(value);
  if (open && !inside && text.length <= longest) return value;
  return `sha256:${sha256(text).slice(0, 12)}`;
}

/** A value of a member of the root, given as its canonical JSON. */
export const shownText = (layout: Layout, name: string, text: string): Json =>
  show(layout.places[layout.at.get(name) ?? -1], false, JSON.parse(text) as Json);
