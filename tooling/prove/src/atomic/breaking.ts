import { codeOf } from "@stellaops/kernel";

/** What sabotages are made of. */
const hourMs = 3_600_000;
export const later = (at: Date): Date => new Date(at.getTime() + hourMs);

/** Every so-manieth call. */
export const each = (n: number): (() => boolean) => {
  let calls = 0;
  return () => (calls += 1) % n === 0;
};

/** Every second lease is asked for by a clock that is an hour ahead. */
export function aheadOf(): <T extends { readonly at: Date; readonly until: Date }>(lease: T) => T {
  const second = each(2);
  return (lease) => (second() ? { ...lease, at: later(lease.at), until: later(lease.until) } : lease);
}

/** A refusal is taken for a success. */
export const unless = (code: string, answer: () => unknown) => (error: unknown) => {
  if (codeOf(error) === code) return answer() as never;
  throw error;
};
