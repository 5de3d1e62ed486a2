/** Made-up OSV records for demos, benchmarks and tests: the same count and seed give the same records, byte for byte. */
export interface GenerateOptions {
  readonly count: number;
  /** 1 when left out. */
  readonly seed?: number;
}

/**
 * Records `STELLA-2026-000001` onwards, one id each. They cover what real feeds hold: several affected packages, ranges, scores, credits,
 * withdrawn records, text beyond the basic plane, the year 1, long details, empty and null lists. Every alias is of a form that no real one
 * has (`CVE-1900-…`, a GHSA with zeros), so that none is taken for a real vulnerability.
 */
export function* generateOsv({ count, seed = 1 }: GenerateOptions): Generator<unknown> {
  const random = randomFrom(seed);
  for (let n = 1; n <= count; n += 1) yield recordOf(n, random);
}

function recordOf(n: number, random: Random): unknown {
  const number = String(n).padStart(6, "0");
  const published = day(random.below(2_000));
  const score = random.of(severities);
  return {
    schema_version: "1.7.0",
    id: `STELLA-2026-${number}`,
    modified: random.once(50) ? "0001-01-01T00:00:00Z" : day(2_000 + random.below(300)),
    published,
    ...(random.once(40) && { withdrawn: day(2_400) }),
    ...(random.once(20) ? { aliases: null } : { aliases: aliasesOf(n, number, random) }),
    ...(random.once(10) && { related: [`STELLA-2026-${String(1 + random.below(n)).padStart(6, "0")}`] }),
    summary: `${random.of(faults)} in ${packageName(random)}${random.once(12) ? ` ${random.of(hardTexts)}` : ""}`,
    details: detailsOf(random),
    severity: score === null ? [] : [score],
    affected: times(1 + random.below(random.once(30) ? 12 : 3), () => affectedOf(random)),
    references: times(random.below(5), (i) => ({
      type: random.of(["ADVISORY", "FIX", "REPORT", "WEB"]),
      url: `https://advisories.example.org/${number}/${i}`,
    })),
    ...(random.once(3) && { credits: times(1 + random.below(2), () => creditOf(random)) }),
    database_specific: {
      url: `https://advisories.example.org/${number}`,
      review_status: random.of(["REVIEWED", "UNREVIEWED"]),
      ...(score === null && { severity: random.of(["LOW", "MODERATE", "HIGH", "CRITICAL"]) }),
      cwe_ids: times(random.below(3), () => `CWE-${20 + random.below(900)}`),
    },
  };
}

const faults = [
  "Arbitrary file read",
  "Denial of service through crafted input",
  "Improper authorization",
  "Memory exhaustion",
  "Path traversal",
  "Timing side channel",
];
/** Astral plane, combining marks, right to left, and words whose UTF-16 order is not their byte order. */
const hardTexts = [
  "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🜁",
  "Cafe\u0301 re\u0301sume\u0301",
  "שלום עולם",
  "\uff5e after \u{10000}",
  "naïve ﬁ ligature",
];
const severities = [
  null,
  { type: "CVSS_V2", score: "AV:N/AC:L/Au:N/C:P/I:P/A:P" },
  { type: "CVSS_V3", score: "CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:L" },
  { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" },
  { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N" },
  { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N" },
];

function aliasesOf(n: number, number: string, random: Random): readonly string[] {
  const cve = `CVE-1900-${number}`;
  const ghsa = `GHSA-0000-${String(Math.floor(n / 10_000)).padStart(4, "0")}-${String(n % 10_000).padStart(4, "0")}`;
  return random.of([[cve], [cve, ghsa], [ghsa], [], [cve, `CVE-1901-${number}`, ghsa]]);
}

function packageName(random: Random): string {
  const name = `pkg-${random.below(400)}`;
  return random.of([`example.org/${name}`, `example.org/Team/${name}`, `example.org/${name}/v2`]);
}

function affectedOf(random: Random): unknown {
  const minor = 1 + random.below(40);
  const versions = times(random.below(6), (i) => `1.${minor}.${i}`);
  const ecosystem = random.of(["Go", "Go", "Go", "npm", "PyPI", "Maven", "Debian:12"]);
  const name = packageName(random);
  return {
    package: { ecosystem, name: ecosystem === "Maven" ? `org.example:${name.replaceAll("/", ".")}` : name },
    ranges: [
      {
        type: "SEMVER",
        events: [
          { introduced: "0" },
          { fixed: `1.${minor}.0` },
          ...(random.once(4) ? [{ introduced: "2.0.0" }, { fixed: `2.0.${minor}` }] : []),
        ],
      },
    ],
    ...(versions.length > 0 && { versions }),
    ecosystem_specific: { imports: times(random.below(3), (i) => ({ path: `${name}/internal`, symbols: [`Do${i}`] })) },
  };
}

const sentence = "A request that is crafted by an attacker reaches a path that was meant for trusted callers only.";
const detailsOf = (random: Random): string =>
  times(random.once(60) ? 200 : 1 + random.below(6), () =>
    random.once(15) ? `${sentence} ${random.of(hardTexts)}` : sentence,
  ).join("\n\n");

const creditOf = (random: Random): unknown => {
  const name = `reporter-${random.below(60)}`;
  return random.once(2) ? { name } : { name, type: "FINDER", contact: [`mailto:${name}@example.org`] };
};

/** So many days after 2020-01-01, at a millisecond of its own. */
const day = (days: number): string =>
  new Date(Date.UTC(2020, 0, 1) + days * 86_400_000 + ((days * 7_919_113) % 86_400_000)).toISOString();

const times = <T>(n: number, make: (i: number) => T): readonly T[] => Array.from({ length: n }, (_, i) => make(i));

interface Random {
  below(n: number): number;
  of<T>(items: readonly T[]): T;
  /** True once in so many. */
  once(inSoMany: number): boolean;
}

/** mulberry32: small, the same on every machine, and nothing here needs more. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (n: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
  return {
    below,
    of: <T>(items: readonly T[]) => items[below(items.length)] as T,
    once: (inSoMany) => below(inSoMany) === 0,
  };
}
