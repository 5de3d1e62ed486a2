const numbers = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const digitsOf = (number: string): string =>
  number
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "");

/**
 * Whether a JSON text holds a number with more digits than a double gives back: jsonb keeps them, MongoDB and JavaScript do not,
 * and two such numbers would look equal once parsed.
 */
export function inexactNumber(json: string): boolean {
  // Fifteen digits always survive; few payloads hold more in a row.
  if (!/\d[\d.]{15}/.test(json)) return false;
  for (const [token] of json.matchAll(numbers))
    if (!token.startsWith('"') && digitsOf(token) !== digitsOf(String(Number(token)))) return true;
  return false;
}
