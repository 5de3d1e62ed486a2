import { byBytes, canonicalJson, sha256, type Json } from "@stellaops/kernel";

const digest = (value: object): string => sha256(canonicalJson(value as Json));

interface PackContent {
  readonly source: string;
  readonly compiled: unknown;
  readonly rules: readonly {
    readonly ruleKey: string;
    readonly ordinal: number;
    readonly severity: string;
    readonly body: unknown;
  }[];
}

/** SHA-256 over the canonical JSON of what a pack version says: equal content, equal hash, whatever it is called and whoever published it. */
export const packHash = ({ source, compiled, rules }: PackContent): string =>
  digest({
    source,
    compiled,
    rules: rules
      .map(({ ruleKey, ordinal, severity, body }) => ({ ruleKey, ordinal, severity, body }))
      .toSorted((a, b) => byBytes(a.ruleKey, b.ruleKey)),
  });

interface ProfileContent {
  readonly parentId: string | null;
  readonly weights: unknown;
  readonly overrides: unknown;
}

/** The same of what a risk profile says. */
export const profileHash = ({ parentId, weights, overrides }: ProfileContent): string =>
  digest({ parentId, weights, overrides });

/** What an evaluation rests on. */
export interface EvaluationInputs {
  readonly packVersion: string;
  readonly sbomDigest: string;
  readonly feedSnapshot: string;
  readonly vexCursor: string | null;
}

/** Equal inputs, equal hash: two runs that share it must come to the same verdicts. */
export const determinismHash = ({ packVersion, sbomDigest, feedSnapshot, vexCursor }: EvaluationInputs): string =>
  digest({ packVersion, sbomDigest, feedSnapshot, vexCursor });
