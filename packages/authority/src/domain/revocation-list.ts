import { byBytes, canonical, canonicalJson, dataError, sha256, type Stored } from "@stellaops/kernel";
import { revocations } from "../aggregates.ts";
import type { RevocationList } from "../repositories/revocations.ts";

type Item = Stored<typeof revocations>;

/** One list is one answer, for it is signed as a whole. */
export const maxActive = 20_000;

/** By category, revocation id, tenant; the digest is over what each says, one canonical line after the other. @throws `REVOCATIONS_TOO_MANY` */
export function revocationList(found: readonly Item[]): RevocationList {
  if (found.length > maxActive)
    throw dataError(
      "REVOCATIONS_TOO_MANY",
      `more than ${maxActive} revocations are active, too many for one bundle; give them an expiry and purge those that are over`,
      { details: { max: maxActive } },
    );
  const items = found.toSorted(inOrder);
  return { items, digest: sha256(items.map((item) => `${lineOf(item)}\n`).join("")) };
}

const inOrder = (a: Item, b: Item): number =>
  byBytes(a.category, b.category) || byBytes(a.revocationId, b.revocationId) || byBytes(a.tenantId, b.tenantId);

const lineOf = (item: Item): string =>
  canonicalJson({ ...canonical(revocations.shape, item), tenantId: item.tenantId });
