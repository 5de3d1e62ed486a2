import { dataError } from "./errors.ts";

/** @throws `TIMEZONE_UNKNOWN` (data), with `details.path` */
export function refuseNoZone(timezone: string, path = "timezone"): void {
  if (isZone(timezone)) return;
  throw dataError(
    "TIMEZONE_UNKNOWN",
    "this is no time zone that the platform knows; give an IANA name such as Europe/Berlin",
    { details: { path } },
  );
}

function isZone(timezone: string): boolean {
  try {
    return /^[A-Za-z]/.test(timezone) && new Intl.DateTimeFormat("en", { timeZone: timezone }).format(0) !== "";
  } catch {
    return false;
  }
}
