import { dataError } from "@stellaops/kernel";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const iterations = 4096;

/**
 * What PostgreSQL would store (RFC 5802), made here so that no password reaches the server, its log, or a dry run.
 *
 * @throws `PROVISION_PASSWORD` (data): other characters would need SASLprep, which clients do differently
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!/^[\x21-\x7e]{8,}$/.test(password))
    throw dataError("PROVISION_PASSWORD", "a password has at least 8 characters, printable ASCII without spaces");
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${hmac("Server Key").toString("base64")}`;
}
