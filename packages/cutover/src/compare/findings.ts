import type { Finding } from "./comparison.ts";

/** Counts all findings and keeps the first ones, so that memory is bounded however much differs. */
export class Findings {
  readonly #limit: number;
  readonly kept: Finding[] = [];
  count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(findings: readonly Finding[]): void {
    this.count += findings.length;
    this.kept.push(...findings.slice(0, Math.max(0, this.#limit - this.kept.length)));
  }

  /** Those of another part of the keys, behind these. */
  join(other: Findings): void {
    this.add(other.kept);
    this.count += other.more;
  }

  get more(): number {
    return this.count - this.kept.length;
  }
}
