/** What tokens of well-known services begin with, and signed tokens. */
const tokens = [
  /\bxox[abeoprs]-[\w-]{8,}/,
  /\bxapp-[\w-]{8,}/,
  /\bgh[opsur]_\w{16,}/,
  /\bgithub_pat_\w{16,}/,
  /\bglpat-[\w-]{16,}/,
  /\b(sk|rk)_(live|test)_\w{8,}/,
  /\bSG\.[\w-]{8,}\.[\w-]{8,}/,
  /\bAKIA[A-Z0-9]{12,}/,
  /\beyJ[\w-]{8,}\.[\w-]+/,
];

/** Whether a text holds a token of a form that is known, or a part that only chance makes so. Ids and digests, in lower case, are none. */
export const looksSecret = (text: string): boolean =>
  tokens.some((form) => form.test(text)) || text.split(/[^\w-]/).some(isRandom);

const isRandom = (part: string): boolean =>
  part.length >= 24 && /[a-z]/.test(part) && /[A-Z]/.test(part) && /\d/.test(part);
