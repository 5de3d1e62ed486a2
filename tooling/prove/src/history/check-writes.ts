import type { Version, Versions } from "./versions.ts";

/** Revisions without gaps, each based on the one that it names, in the order of time. */
export function checkWrites({ known, maybe }: Versions): readonly string[] {
  const broken: string[] = [];
  const last = Math.max(0, ...known.keys());
  let latestBegun = 0;
  for (let revision = 1; revision <= last; revision += 1) {
    const version = known.get(revision);
    if (version === undefined) {
      if (!maybe(revision)) broken.push(`revision ${revision} was never acknowledged, and ${last} was`);
      continue;
    }
    const fault = baseFault(version, known.get(revision - 1));
    if (fault !== null) broken.push(fault);
    if (version.ended < latestBegun)
      broken.push(`revision ${revision} was acknowledged before an earlier one was asked for`);
    latestBegun = Math.max(latestBegun, version.begun);
  }
  return broken;
}

function baseFault({ revision, expected, content }: Version, before: Version | undefined): string | null {
  const what = content === null ? "a delete" : "a put";
  if (expected > 0 && revision !== expected + 1)
    return `${what} based on revision ${expected} was stored as ${revision}: what came between is lost`;
  if (expected > 0 && before?.content === null) return `${what} based on revision ${expected}, which was deleted`;
  if (expected === 0 && before !== undefined && before.content !== null)
    return `a creation was stored as ${revision}, over revision ${before.revision}, which was there`;
  return null;
}
