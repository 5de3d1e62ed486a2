import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories } from "../../src/index.ts";
import { template } from "../routing/samples.ts";
import { fresh } from "../samples.ts";

export function templatesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).templates;
  repositoryContract({
    name: "templates",
    repository: at,
    make: (id) => template(id === undefined ? {} : { id }),
    changed: (was) => ({
      ...was,
      subject: null,
      body: "Another.",
      renderMode: "plain_text" as const,
      metadata: { by: "bob" },
    }),
    twin: ({ channelKind, key, locale }) => template({ channelKind, key, locale }),
    constraint: "uq_templates_channel_kind_key_locale",
    registered: () => rig().registered,
  });

  describe("templates, particular", () => {
    it("templates.put: stores a locale in its one form, so that two spellings are one", async () => {
      const made = template({ locale: "DE-at" });
      await at("acme").put(made, 0n);
      expect(await at("acme").get(made.id)).toMatchObject({ locale: "de-AT" });
      const again = await outcomeOf(() => at("acme").put(template({ key: made.key, locale: "de-AT" }), 0n));
      expect(again).toMatchObject({ error: "UNIQUE_VIOLATION" });
      const wrong = await outcomeOf(() => at("acme").put(template({ locale: "de_AT" }), 0n));
      expect(wrong).toMatchObject({ error: "LOCALE_INVALID", family: "data", path: "locale" });
    });

    it("templates.resolve: the locale, else its language, else en-US; the tenant's own before the shared one", async () => {
      const key = fresh("scan");
      const resolve = async (locale: string) => {
        const found = await at("acme").resolve({ channelKind: "slack", key, locale });
        return found === null ? null : `${found.tenantId} ${found.locale}`;
      };
      const put = (tenant: string, locale: string) => at(tenant).put(template({ key, locale }), 0n);
      expect(await resolve("de-AT")).toBeNull();
      await put("@global", "en-US");
      expect(await resolve("de-AT")).toBe("@global en-US");
      await put("acme", "en-US");
      expect(await resolve("de-AT")).toBe("acme en-US");
      await put("@global", "de");
      expect(await resolve("de-AT")).toBe("@global de");
      await put("acme", "de");
      expect(await resolve("de-AT")).toBe("acme de");
      await put("@global", "de-AT");
      expect(await resolve("de-at")).toBe("@global de-AT");
      expect(await resolve("de-CH")).toBe("acme de");
      expect(await resolve("en-GB")).toBe("acme en-US");
      await put("umbrella", "fr");
      expect(await resolve("fr")).toBe("acme en-US");
    });

    it("templates.resolve: of that kind of channel and that key only; refuses what is no locale", async () => {
      const { key } = template();
      await at("acme").put(template({ key, channelKind: "email" }), 0n);
      const ask = (over: object) => at("acme").resolve({ channelKind: "email", key, locale: "en-US", ...over });
      expect(await ask({})).not.toBeNull();
      expect(await ask({ channelKind: "slack" })).toBeNull();
      expect(await ask({ key: key.toUpperCase() })).toBeNull();
      expect(await outcomeOf(() => ask({ locale: "" }))).toMatchObject({ error: "LOCALE_INVALID" });
      expect(await outcomeOf(() => ask({ key: "\0" }))).toMatchObject({ error: "VALUE_NUL" });
    });
  });
}
