import { normalisePart } from "@stellaops/kernel";
import { advisories } from "../aggregates.ts";
import type { PackageRef } from "../repositories/advisories.ts";

interface Alias {
  readonly scheme: string;
  readonly value: string;
}

/** Arguments follow the rules of the fields they are compared with, so that neither database is asked what it would refuse or change. */
export function cleanAlias(alias: Alias): Alias {
  normalisePart(advisories, { aliases: [alias] });
  return { scheme: alias.scheme, value: alias.value };
}

export function cleanPackage(reference: PackageRef): PackageRef {
  const unnamed = { ecosystem: "", package: "", purl: null, ranges: [], versions: [], fixed: [] };
  normalisePart(advisories, { affected: [{ ...unnamed, ...reference }] });
  return "purl" in reference
    ? { purl: reference.purl }
    : { ecosystem: reference.ecosystem, package: reference.package };
}
