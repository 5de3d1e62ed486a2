import { dataError } from "@stellaops/kernel";

const defaultLocale = "en-US";

/** The one form of a BCP 47 tag: `de-at` is `de-AT`. @throws `LOCALE_INVALID` (data) */
export function canonicalLocale(locale: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(locale);
    if (canonical !== undefined) return canonical;
  } catch {
    // Told below.
  }
  throw dataError("LOCALE_INVALID", "this is no language tag; give one such as en-US or de", {
    details: { path: "locale" },
  });
}

/** Those that will do, the best first: the locale, its language, the default. @throws `LOCALE_INVALID` (data) */
export function localesFor(locale: string): readonly string[] {
  const canonical = canonicalLocale(locale);
  return [...new Set([canonical, new Intl.Locale(canonical).language, defaultLocale])];
}
