/** Types of BSON that have a place in an aggregate; all others are told by the exact reading of a document. */
export const bson = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  bool: 0x08,
  date: 0x09,
  null: 0x0a,
  int: 0x10,
  long: 0x12,
  decimal: 0x13,
} as const;

/** Where the name ends that begins at `at`. Names are short: a search by the platform costs more than it saves. */
export function nameEnd(from: Buffer, at: number): number {
  let end = at;
  while (from[end] !== 0) end += 1;
  return end;
}

/** Where the value ends that begins at `at`. */
export function endOf(from: Buffer, type: number, at: number): number {
  switch (type) {
    case bson.string:
    case 0x0d:
    case 0x0e:
      return at + 4 + from.readInt32LE(at);
    case bson.object:
    case bson.array:
    case 0x0f:
      return at + from.readInt32LE(at);
    case bson.double:
    case bson.date:
    case bson.long:
    case 0x11:
      return at + 8;
    case bson.bool:
      return at + 1;
    case bson.int:
      return at + 4;
    case bson.decimal:
      return at + 16;
    case 0x05:
      return at + 5 + from.readInt32LE(at);
    case 0x07:
      return at + 12;
    case 0x0b:
      return nameEnd(from, nameEnd(from, at) + 1) + 1;
    case 0x0c:
      return at + 16 + from.readInt32LE(at);
    default:
      return at;
  }
}

/** Finds members by their names. Documents of one collection have their fields in one order nearly always: what came last time is tried first. */
export class Names {
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #last: { readonly bytes: Uint8Array; readonly index: number }[] = [];
  /** Where the value begins, after `find`. */
  end = 0;

  constructor(names: readonly string[]) {
    this.#indexes = new Map(names.map((name, index) => [name, index]));
  }

  /** The index of the name that begins at `at`; -1 where there is none of that name. */
  find(from: Buffer, at: number, position: number): number {
    const guess = this.#last[position];
    if (guess !== undefined) {
      const { bytes } = guess;
      let i = 0;
      while (i < bytes.length && from[at + i] === bytes[i]) i += 1;
      if (i === bytes.length) {
        this.end = at + i;
        return guess.index;
      }
    }
    const end = nameEnd(from, at) + 1;
    this.end = end;
    const index = this.#indexes.get(from.toString("latin1", at, end - 1)) ?? -1;
    if (index >= 0) this.#last[position] = { bytes: Uint8Array.prototype.slice.call(from, at, end), index };
    return index;
  }
}

/** Where the members of an object are, in the order in which they are declared. */
export class Members {
  readonly #names: Names;
  readonly types: Uint8Array;
  readonly starts: Int32Array;

  constructor(names: readonly string[]) {
    this.#names = new Names(names);
    this.types = new Uint8Array(names.length);
    this.starts = new Int32Array(names.length);
  }

  /** False when a member is missing, occurs twice, or is none of them; `passedOver` is let be. */
  read(from: Buffer, start: number, passedOver = ""): boolean {
    const { types, starts } = this;
    types.fill(0);
    const end = start + from.readInt32LE(start) - 1;
    let plain = true;
    let seen = 0;
    for (let at = start + 4, position = 0; at < end; position += 1) {
      const type = from[at] ?? 0;
      const name = at + 1;
      const index = this.#names.find(from, name, position);
      at = this.#names.end;
      if (index >= 0 && types[index] === 0) {
        types[index] = type;
        starts[index] = at;
        seen += 1;
      } else if (passedOver === "" || from.toString("latin1", name, at - 1) !== passedOver) plain = false;
      at = endOf(from, type, at);
    }
    return plain && seen === types.length;
  }
}
