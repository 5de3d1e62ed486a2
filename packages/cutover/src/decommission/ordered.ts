import { BSON } from "mongodb";

const embedded = { object: 3, array: 4 } as const;
const exact = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

/**
 * A stored document such that the driver writes the same bytes again: members in a Map, because an object puts keys that look like
 * numbers first; every value as the type it is stored under.
 */
export function ordered(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  return new Map(membersOf(bytes));
}

/** BSON's own form, element by element: type, name up to a zero byte, value. */
function membersOf(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  const elements = BSON.onDemand.parseToElements(bytes);
  return [...elements].map(([type, nameOffset, nameLength, offset, length]) => {
    const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      bytes.subarray(nameOffset, nameOffset + nameLength),
    );
    const value = bytes.subarray(offset, offset + length);
    if (type === embedded.object) return [name, ordered(value)];
    if (type === embedded.array) return [name, membersOf(value).map(([, item]) => item)];
    return [name, scalar(type, value)];
  });
}

/** Read by the driver itself, as the only member of a document. */
function scalar(type: number, value: Uint8Array): unknown {
  const document = new Uint8Array(value.length + 8);
  new DataView(document.buffer).setInt32(0, document.length, true);
  document.set([type, 0x76, 0], 4);
  document.set(value, 7);
  return (BSON.deserialize(document, exact) as { readonly v: unknown }).v;
}
