import { createHash, hash, type Hash } from "node:crypto";
import { Image, oids } from "../image.ts";
import type { ChildPlace, FieldPlace, Layout } from "../layout.ts";
import type { TableDigest, Tables } from "../range.ts";
import type { RawDocument } from "./raw.ts";
import { bson, endOf, Members, nameEnd } from "./elements.ts";
import { derivedHold, type DerivedHold } from "./derived.ts";
import { oidOf, writers } from "./fields.ts";

/** Children of one place, and where their members are. */
interface Table {
  readonly place: ChildPlace;
  readonly at: number;
  readonly members: Members;
}

/** A digest in the making. */
export interface Digesting {
  /** `odd` of each document that has no image is set; with `derived`, also of one whose derived fields do not follow from the others. */
  add(documents: readonly RawDocument[], derived: boolean): void;
  end(): Tables;
}

/**
 * The digests that PostgreSQL must come to for its rows when it holds what these documents hold. Straight from BSON, without an object in
 * between: values are copied, not read. A document that is not plainly as its definition says has no image; it is looked at exactly.
 */
export class DocumentImages {
  readonly #members: Members;
  readonly #fields: readonly { readonly place: FieldPlace; readonly at: number }[];
  readonly #tables: readonly Table[];
  readonly #derived: DerivedHold;
  readonly #image = new Image();
  /** The rows that are in the image. */
  readonly #rows: { readonly table: number; readonly start: number; readonly end: number }[] = [];
  readonly #tenant: number;
  readonly #id: number;

  constructor(layout: Layout) {
    const { places } = layout;
    this.#members = new Members(places.map(({ name }) => name));
    this.#fields = places.flatMap((place, at) => ("fields" in place ? [] : [{ place, at }]));
    this.#tables = layout.children.map((place) => ({
      place,
      at: layout.at.get(place.name) ?? -1,
      members: new Members(place.fields.map(({ name }) => name)),
    }));
    this.#derived = derivedHold(layout);
    this.#tenant = layout.at.get("tenantId") ?? -1;
    this.#id = layout.at.get("id") ?? -1;
  }

  begin(): Digesting {
    const hashes = [undefined, ...this.#tables].map(() => ({ hash: createHash("sha256"), count: 0 }));
    return {
      add: (documents, derived) => {
        for (const document of documents) {
          if (document.odd) continue;
          if (!this.#make(document.bytes) || (derived && !this.#derived(document.bytes, this.#members)))
            document.odd = true;
          else for (const { table, start, end } of this.#rows) add(hashes[table], this.#image.bytes, start, end);
        }
      },
      end: () => hashes.map(({ hash: all, count }): TableDigest => ({ count, sha256: all.digest("hex") })),
    };
  }

  #make(from: Buffer): boolean {
    const { types, starts } = this.#members;
    const image = this.#image;
    image.clear();
    this.#rows.length = 0;
    if (!this.#members.read(from, 0, "_id")) return false;
    image.int32(this.#fields.length);
    for (const { place, at } of this.#fields)
      if (!write(image, place, from, types[at] ?? 0, starts[at] ?? 0)) return false;
    this.#rows.push({ table: 0, start: 0, end: image.at });
    return this.#tables.every((table, i) => this.#children(from, table, i + 1));
  }

  #children(from: Buffer, { place, at, members }: Table, table: number): boolean {
    const { types, starts } = this.#members;
    const image = this.#image;
    if (types[at] !== bson.array) return false;
    const start = starts[at] ?? 0;
    const end = start + from.readInt32LE(start) - 1;
    const isList = place.member.children === "list";
    for (let next = start + 4, ordinal = 0; next < end; ordinal += 1) {
      if (from[next] !== bson.object) return false;
      next = nameEnd(from, next + 1) + 1;
      if (!members.read(from, next)) return false;
      const begun = image.at;
      image.int32(place.fields.length + (isList ? 3 : 2));
      writers.text(image, from, bson.string, starts[this.#tenant] ?? 0);
      writers.id(image, from, bson.string, starts[this.#id] ?? 0);
      if (isList) {
        image.int32(oids.int4);
        image.int32(4);
        image.int32(ordinal);
      }
      for (let i = 0; i < place.fields.length; i += 1) {
        const field = place.fields[i];
        if (field === undefined || !write(image, field, from, members.types[i] ?? 0, members.starts[i] ?? 0))
          return false;
      }
      this.#rows.push({ table, start: begun, end: image.at });
      next = endOf(from, bson.object, next);
    }
    return true;
  }
}

function add(to: { readonly hash: Hash; count: number } | undefined, bytes: Buffer, start: number, end: number): void {
  if (to === undefined) return;
  to.hash.update(hash("sha256", bytes.subarray(start, end), "buffer"));
  to.count += 1;
}

function write(image: Image, { member }: FieldPlace, from: Buffer, type: number, at: number): boolean {
  if (type !== bson.null) return writers[member.kind](image, from, type, at);
  image.nothing(oidOf[member.kind]);
  return true;
}
