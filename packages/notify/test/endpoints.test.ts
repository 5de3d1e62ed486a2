import { describe, expect, it } from "vitest";
import { refuseSecretEndpoint } from "../src/domain/endpoints.ts";
import { canonicalLocale, localesFor } from "../src/domain/locales.ts";
import { refuseNoSecretRef } from "../src/domain/secret-refs.ts";

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "none";
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
};

// Made up here, so that no scanner takes this file for a leak.
const token = `Ab1${"cD2".repeat(8)}`;

describe("endpoints", () => {
  it.each([
    "https://alice:hunter2@chat.example.org/hook",
    "https://alice@chat.example.org/hook",
    "HTTPS:\\\\alice:hunter2@chat.example.org",
    "smtp.example.org:x@relay",
    "alice:hunter2@smtp.example.org",
    "https://chat.example.org/hook?token=abc",
    "https://chat.example.org/hook?room=1&API-Key=abc",
    "https://chat.example.org/hook?access_token=abc",
    "https://chat.example.org/hook?x=1;clientSecret=abc",
    "https://chat.example.org/hook?sv=1&sig=abc",
    "https://chat.example.org/hook?X-Amz-Signature=abc",
    "https://chat.example.org/hook?%74oken=abc",
    "https://chat.example.org/hook#access_token=abc",
    "https://flow.example.org/api/run?code=abc",
    "chat.example.org/hook?password=abc",
    "https://hooks.slack.com/services/T1/B1/x",
    "https://hooks.slack.com/workflows/T1/A1/1/x",
    "https://discord.com/api/webhooks/1/x",
    "https://discordapp.com/api/v10/webhooks/1/x",
    "https://example.webhook.office.com/webhookb2/x",
    "https://outlook.office.com/webhook/x",
    "https://api.telegram.org/bot1:x/sendMessage",
    "https://events.pagerduty.com/integration/x/enqueue",
    "https://hooks.zapier.com/hooks/catch/1/x",
    "https://bot:s3cr%2Ft@chat.example.org/hook",
    "https://bot:s3cr%23t@chat.example.org/hook",
    "smtps://ops:pa%2Fss@mail.example.org:465",
    "smtp://user:p%5Cw@mail.example.org",
    "https://token%2Fabc@chat.example.org/hook",
    "https:/user:pw@chat.example.org/hook",
    "https:\t//user:pw@chat.example.org",
    "https:/\n/user:pw@chat.example.org",
    "//user:pw@chat.example.org/hook",
    "sip:alice:secret@chat.example.org",
    "https://events.pagerduty.com:443/integration/x/enqueue",
    "https://hooks.slack.com:443/services/T1/B1/x",
    "https://hooks.slack.com./services/T1/B1/x",
    "https://outlook.office.com:443/webhook/x",
    "https://hooks.zapier.com:443/hooks/catch/1/x",
    "https://api.telegram.org:443/bot1:x/sendMessage",
    ...["pw", "passcode", "userpass", "auth_code", "tokens", "secrets", "api_key_v2", "hmac_sha256", "sessionid"].map(
      (name) => `https://chat.example.org/hook?${name}=abc`,
    ),
    "host=mail.example.org password=abc",
    "Bearer abc.def",
    `https://chat.example.org/hooks/${"a1".repeat(13)}`,
    "https://chat.example.org/open-apis/bot/v2/hook/01890000-0000-7000-8000-000000000000",
    `https://chat.example.org/hooks/${token}`,
    `https://chat.example.org/hooks/${["xoxb", "123456789", "abc"].join("-")}`,
    `https://chat.example.org/${["ghp", "a".repeat(20)].join("_")}`,
  ])("refuses %s", (endpoint) => expect(codeOf(() => refuseSecretEndpoint(endpoint))).toBe("SECRET_IN_ENDPOINT"));

  it.each([
    "",
    "#ops",
    "slack:#ops",
    "ops@example.org",
    "ops@example.org, night@example.org",
    "mailto:ops@example.org",
    "sip:ops@example.org",
    "https://hooks.slack.com",
    "https://chat.example.org:8443/rooms/ops?thread=1&format=json",
    "https://chat.example.org/rooms/@ops",
    "https://chat.example.org/rooms/01890000-0000-7000-8000-000000000000",
    `https://chat.example.org/images/sha256/${"0123456789abcdef".repeat(4)}`,
    "https://events.pagerduty.com/v2/enqueue",
    "https://chat.example.org/100%",
    "https://chat.example.org/hook?monkey=1&keyboard=2&author=3&passenger=4&design=5&code_of_conduct=6",
    "https://chat.example.org/hooks/incident-notifications",
    "sip:ops@example.org:5060",
  ])("takes %j", (endpoint) => expect(codeOf(() => refuseSecretEndpoint(endpoint))).toBe("none"));

  it("says what to do, and nothing of the secret", () => {
    const message = (() => {
      try {
        refuseSecretEndpoint("https://alice:hunter2@chat.example.org?token=abc");
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(/secret store.*secretRef/);
    expect(message).not.toMatch(/hunter2|alice|abc/);
  });
});

describe("names of secrets", () => {
  it.each([
    "vault://notify/slack#url",
    "aws-sm://eu/notify",
    "k8s://ns/name.key",
    "env:SLACK_URL",
    "file:/run/secrets/slack",
  ])("takes %j", (secretRef) => expect(codeOf(() => refuseNoSecretRef(secretRef))).toBe("none"));

  it.each([
    "",
    "hunter2",
    "user:hunter2",
    "vault://a b",
    "vault://",
    "vault://user:pass@host/x",
    "vault://x?token=abc",
    "https://hooks.slack.com/services/T1/B1/x",
    "env:has space",
    "env:1",
    "file:relative",
    `vault://${token}`,
    ["xoxb", "123456789", "abc"].join("-"),
  ])("refuses %j", (secretRef) => expect(codeOf(() => refuseNoSecretRef(secretRef))).toBe("SECRET_REF_INVALID"));
});

describe("locales", () => {
  it("have one form, and fall back to the language, then to the default", () => {
    expect(canonicalLocale("DE-at")).toBe("de-AT");
    expect(localesFor("de-at")).toEqual(["de-AT", "de", "en-US"]);
    expect(localesFor("de")).toEqual(["de", "en-US"]);
    expect(localesFor("en-US")).toEqual(["en-US", "en"]);
    expect(localesFor("zh-Hant-TW")).toEqual(["zh-Hant-TW", "zh", "en-US"]);
  });
  it.each(["", "x", "de_AT", "not a locale"])("refuses %j", (locale) =>
    expect(codeOf(() => canonicalLocale(locale))).toBe("LOCALE_INVALID"),
  );
});
