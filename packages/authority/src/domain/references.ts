import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits, as text for a URL or a header. Whoever holds it is who it was given to: it is handed out and never stored. */
export const newReference = (): string => randomBytes(32).toString("base64url");

/** SHA-256, hexadecimal: what `referenceHash` takes. A reference is random and long, so that no salt is needed. */
export const hashReference = (reference: string): string => createHash("sha256").update(reference).digest("hex");

/** In constant time. */
export const matchesReference = (referenceHash: string, reference: string): boolean => {
  const [stored, given] = [Buffer.from(referenceHash, "hex"), Buffer.from(hashReference(reference), "hex")];
  return stored.length === given.length && timingSafeEqual(stored, given);
};
