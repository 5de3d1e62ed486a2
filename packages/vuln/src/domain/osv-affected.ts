import { PackageURL } from "packageurl-js";
import type { Advisory } from "../aggregates.ts";
import type { OsvAffected } from "./osv-record.ts";

type Affected = Advisory["affected"][number];
type Ranges = OsvAffected["ranges"];

/** One entry a package. Where a record names only repositories, one entry each of the ecosystem `GIT`. */
export function affectedOf({ package: named, ranges, versions }: OsvAffected): readonly Affected[] {
  if (named !== null) {
    const { ecosystem, name } = named;
    return [entry({ ecosystem, package: name, purl: named.purl ?? purlOf(ecosystem, name) }, ranges, versions)];
  }
  const repos = new Set(ranges.flatMap(({ repo }) => (typeof repo === "string" && repo !== "" ? [repo] : [])));
  return [...repos].map((repo) =>
    entry(
      { ecosystem: "GIT", package: repo, purl: null },
      ranges.filter((range) => range.repo === repo),
      versions,
    ),
  );
}

function entry(
  target: Pick<Affected, "ecosystem" | "package" | "purl">,
  ranges: Ranges,
  versions: readonly string[],
): Affected {
  const fixed = ranges.flatMap(({ events }) => events.flatMap((event) => event.fixed ?? []));
  return { ...target, ranges, versions, fixed };
}

/** Ecosystems whose name of a package is a package URL's namespace and name, with what parts the two. */
const purls = new Map<string, { readonly type: string; readonly separator?: string }>([
  ["Go", { type: "golang", separator: "/" }],
  ["Hex", { type: "hex" }],
  ["Maven", { type: "maven", separator: ":" }],
  ["npm", { type: "npm", separator: "/" }],
  ["NuGet", { type: "nuget" }],
  ["Packagist", { type: "composer", separator: "/" }],
  ["Pub", { type: "pub" }],
  ["PyPI", { type: "pypi" }],
  ["RubyGems", { type: "gem" }],
  ["crates.io", { type: "cargo" }],
]);

/** Of the package as such, without a version; null where the ecosystem leaves it open (`Debian:12` and its like). */
function purlOf(ecosystem: string, name: string): string | null {
  const form = purls.get(ecosystem);
  if (form === undefined) return null;
  const at = form.separator === undefined ? -1 : name.lastIndexOf(form.separator);
  const [namespace, last] = [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
  try {
    return new PackageURL(form.type, namespace || undefined, last, undefined, undefined, undefined).toString();
  } catch {
    // A name that makes no package URL ("a/", a blank) is still found by ecosystem and name.
    return null;
  }
}
