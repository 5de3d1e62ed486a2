import { canonicalJson, normalise, raced, sha256, type Stored } from "@stellaops/kernel";
import { impactSnapshots, type ImpactSnapshot } from "../aggregates.ts";
import type { Impact } from "../repositories/impact-snapshots.ts";
import { normaliseSelector } from "./selector.ts";

/** The snapshot that an impact comes to: images once each, counted, and the digest of what it says. */
export function snapshotOf({ id, runId, selector, imageDigests, usageOnly, at }: Impact): ImpactSnapshot {
  const draft = {
    id,
    runId,
    selector: normaliseSelector(selector),
    imageDigests,
    usageOnly,
    createdAt: at,
    updatedAt: at,
  };
  const clean = normalise(impactSnapshots, { ...draft, total: 0n, digest: "" });
  const said = { selector: normaliseSelector(selector), imageDigests: clean.imageDigests, usageOnly };
  return { ...clean, total: BigInt(clean.imageDigests.length), digest: sha256(canonicalJson(said)) };
}

/** What says the same as before is left as it is. */
export const replacedSnapshot = ({
  runId,
  selector,
  imageDigests,
  total,
  usageOnly,
  digest,
  updatedAt,
}: ImpactSnapshot) => ({
  where: { runId },
  unless: { digest },
  set: { selector, imageDigests, total, usageOnly, digest, updatedAt },
});

/** The snapshot that is there says what was put, or another came since. */
export function unchanged(
  there: Stored<typeof impactSnapshots>,
  { digest }: ImpactSnapshot,
): Stored<typeof impactSnapshots> {
  if (there.digest !== digest) throw raced(impactSnapshots);
  return there;
}
