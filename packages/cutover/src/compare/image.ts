/** Types whose binary form PostgreSQL sends, by what it calls them. */
export const oids = {
  bool: 16,
  int8: 20,
  int4: 23,
  text: 25,
  textArray: 1009,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
};

/**
 * Bytes as PostgreSQL's `record_send` makes them of a row: the number of columns, then the type, the length and the value of each. Two rows
 * have the same image only when they hold the same, and PostgreSQL makes it faster than any text of a row.
 */
export class Image {
  bytes = Buffer.allocUnsafe(64 * 1024);
  at = 0;

  clear(): void {
    this.at = 0;
  }

  /** Room for so many bytes more. */
  room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + length));
    this.bytes.copy(wider, 0, 0, this.at);
    this.bytes = wider;
  }

  int32(value: number): void {
    this.room(4);
    const { bytes, at } = this;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
    this.at = at + 4;
  }

  int64(value: bigint): void {
    this.room(8);
    this.at = this.bytes.writeBigInt64BE(value, this.at);
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.at++] = value;
  }

  copy(from: Buffer, start: number, end: number): void {
    this.room(end - start);
    from.copy(this.bytes, this.at, start, end);
    this.at += end - start;
  }

  /** Short texts: written one by one, because a call of the platform takes longer. */
  latin1(text: string): void {
    this.room(text.length);
    for (let i = 0; i < text.length; i += 1) this.bytes[this.at++] = text.charCodeAt(i);
  }

  /** Begins a value of unknown length; `close` takes what this gives. */
  open(oid: number): number {
    this.int32(oid);
    this.int32(0);
    return this.at;
  }

  close(opened: number): void {
    this.bytes.writeInt32BE(this.at - opened, opened - 4);
  }

  nothing(oid: number): void {
    this.int32(oid);
    this.int32(-1);
  }
}
