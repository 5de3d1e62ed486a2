import type { Repository, Stored } from "@stellaops/kernel";
import type { Template, templates } from "../aggregates.ts";

export type TemplateKey = Pick<Template, "channelKind" | "key" | "locale">;

/** What a message says, in one language; one a channel's kind, key and locale. */
export interface Templates extends Repository<typeof templates> {
  /** As every `put`; the locale is stored in its one form: `de-at` is `de-AT`. @throws also `LOCALE_INVALID` (data) */
  put: Repository<typeof templates>["put"];
  /**
   * For the locale, else for its language, else for `en-US`, else null; of two for one locale the tenant's own before the shared one.
   * @throws `LOCALE_INVALID` (data)
   */
  resolve(key: TemplateKey): Promise<Stored<typeof templates> | null>;
}
