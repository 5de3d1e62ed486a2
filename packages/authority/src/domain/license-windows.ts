import type { License } from "../aggregates.ts";

/** Whether a license holds at an instant: not yet, still, or no longer. It begins at `validFrom` and ends before `validTo`. */
export function windowOf({ validFrom, validTo }: Pick<License, "validFrom" | "validTo">, at: Date): LicenseWindow {
  if (at.getTime() < validFrom.getTime()) return "early";
  return at.getTime() < validTo.getTime() ? "open" : "over";
}
export type LicenseWindow = "early" | "open" | "over";

const lengths = { year: 4, month: 7, day: 10, hour: 13 } as const;

/** The name of the period an instant lies in, UTC: `2026`, `2026-03`, `2026-03-01`, `2026-03-01T12`. */
export const periodOf = (unit: keyof typeof lengths, at: Date): string => at.toISOString().slice(0, lengths[unit]);
