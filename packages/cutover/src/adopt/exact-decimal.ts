/** No stored decimal has more digits; what is beyond is refused, so that no exponent makes a text of gigabytes. */
const longest = 60;

/** A decimal with an exponent as the same decimal without one: `1.5E+3` is `1500`. Null where it is none, or too long. */
export function exactDecimal(text: string): string | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (digits.length > longest || Math.abs(point) > longest) return null;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
