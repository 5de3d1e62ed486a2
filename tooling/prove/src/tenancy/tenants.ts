import { GLOBAL } from "@stellaops/kernel";
import { generateOsv, mapOsv, type Vuln } from "@stellaops/vuln";

export const tenants: readonly string[] = ["acme", "umbrella", "initech", "hooli", GLOBAL];
export const keys = 12;
const stamp = new Date("2026-01-02T03:04:05.678Z");
const drafts = [...generateOsv({ count: keys, seed: 5 })].map(mapOsv);

export type Advisory = Parameters<ReturnType<Vuln["tenant"]>["advisories"]["put"]>[0];

/** The same ids, keys and words for every tenant: only the tenant tells one from the other. What it says names its owner. */
export function advisoryOf(tenant: string, key: number, revision: number): Advisory {
  const draft = drafts[key];
  if (draft === undefined) throw new RangeError(`no key ${key}`);
  return {
    ...draft,
    id: idOf(key),
    advisoryKey: keyOf(key),
    sourceId: idOf(900),
    primaryId: tenant,
    title: `of ${tenant}`,
    contentHash: `${tenant} ${revision}`,
    aliases: [
      { scheme: "CVE", value: "CVE-2026-0001" },
      { scheme: "OWNER", value: tenant },
    ],
    createdAt: stamp,
    updatedAt: stamp,
  };
}

export const idOf = (key: number): string => `01900000-0000-7000-8000-${String(key).padStart(12, "0")}`;
export const keyOf = (key: number): string => `STELLA-${key}`;

export const scopeOf = (module: Vuln, tenant: string): ReturnType<Vuln["tenant"]> =>
  tenant === GLOBAL ? module.shared() : module.tenant(tenant);
