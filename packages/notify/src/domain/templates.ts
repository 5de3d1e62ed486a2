import { normalise, normaliseKey } from "@stellaops/kernel";
import { templates, type Template } from "../aggregates.ts";
import type { TemplateKey } from "../repositories/templates.ts";
import { canonicalLocale, localesFor } from "./locales.ts";

/** @throws `VALUE_…`, `LOCALE_INVALID` (data) */
export function cleanTemplate(template: Template): Template {
  const clean = normalise(templates, template);
  return { ...clean, locale: canonicalLocale(clean.locale) };
}

/** By what a template is looked for, the best locale first. @throws `VALUE_…`, `LOCALE_INVALID` (data) */
export function cleanTemplateKey(given: TemplateKey) {
  const { channelKind, key, locale } = given;
  const clean = normaliseKey(templates, { channelKind, key, locale });
  return { channelKind: clean.channelKind, key: clean.key, locales: localesFor(clean.locale) };
}

type Found = Pick<Template, "locale"> & { readonly tenantId: string };

/** The best locale; of two the tenant's own. */
export function bestTemplate<T extends Found>(found: readonly T[], locales: readonly string[], tenant: string) {
  const rank = ({ locale, tenantId }: Found): number => locales.indexOf(locale) * 2 + (tenantId === tenant ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}
