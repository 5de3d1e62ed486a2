/** Order of UTF-8 bytes, which is `collate "C"` and MongoDB's binary order; UTF-16 order differs above U+FFFF. */
export function byBytes(a: string, b: string): number {
  // Below the surrogates UTF-16 units and UTF-8 bytes order alike: only texts that hold one need their bytes.
  if (surrogate.test(a) || surrogate.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
const surrogate = /[\ud800-\udfff]/;
