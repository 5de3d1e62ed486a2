import { createHash } from "node:crypto";
import type { ObjectId } from "mongodb";

/** Namespace of ids that are made from ObjectIds; never to be changed, since the same ObjectId must give the same id for ever. */
export const objectIdNamespace = "5b0f6a52-6a3e-5d0c-9f5e-0c1d9a6f7e21";

/**
 * The id of an aggregate whose document is known by an ObjectId: the UUIDv5 (RFC 9562) of its 24 hexadecimal digits. References to it from
 * other collections come to the same id by the same rule.
 */
export function derivedId(objectId: ObjectId): string {
  const namespace = Buffer.from(objectIdNamespace.replaceAll("-", ""), "hex");
  const hash = createHash("sha1").update(namespace).update(objectId.toHexString()).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return uuidText(hash);
}

/** Sixteen bytes as lower-case text. */
export const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
