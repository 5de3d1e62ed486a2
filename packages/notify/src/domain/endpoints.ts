import { dataError } from "@stellaops/kernel";
import { looksSecret } from "./secret-forms.ts";

/** A user and a password before the host, with a scheme, without, or after one that is no address of the web. */
const userInfo = [
  /:[\\/]{2,}[^\\/?#]*@/,
  /^[\\/]{2,}[^\\/?#]*@/,
  /^(?!(mailto|sips?|xmpp):[^@:]*@)((mailto|sips?|xmpp):)?[^\\/?#@:\s]*:[^\\/?#@\s]*@/i,
];

/** Names of parameters, of a query, a fragment or a list of settings. */
const parameter = /(?:^|[?#&;,\s])([^=?#&;,\\/\s]+)\s*=/g;
/** Words of a name that say what its value is, and what they are written together with. */
const secretWord =
  /^(access|api|app|auth|bot|client|hook|id|master|my|private|refresh|sas|secret|security|service|session|shared|signing|user|web|webhook)*(token|secret|key|sig|signature|hmac|password|passwd|passphrase|passcode|pass|pwd|pw|credential|authorization|bearer|jwt|session|sessionid|sign|auth|authcode)s?$/;
const alone = /^(code|auth)$/;
const scheme = /\b(bearer|basic)\s+[\w+/=.-]{3,}/i;

/** Paths that are a password: whoever knows them may post. A port and the dot of the root do not change whose they are. */
const on = (host: string, path: string): RegExp => new RegExp(`\\b${host}\\.?(:\\d+)?[\\\\/]+${path}`, "i");
const secretPaths = [
  on("hooks\\.slack(-gov)?\\.com", "(services|workflows|triggers)[\\\\/]+[^\\\\/?#]"),
  on("discord(app)?\\.com", "api[\\\\/]+(v\\d+[\\\\/]+)?webhooks[\\\\/]+[^\\\\/?#]"),
  on("office(365)?\\.com", "webhook(b2)?[\\\\/]+[^\\\\/?#]"),
  on("api\\.telegram\\.org", "bot[^\\\\/?#]"),
  on("events\\.(eu\\.)?pagerduty\\.com", "(integration|x-ere)[\\\\/]+[^\\\\/?#]"),
  on("hooks\\.zapier\\.com", "hooks[\\\\/]+[^\\\\/?#]"),
  // Of servers that anybody runs: a hook of its own with a name that nobody guesses.
  /[\\/](web)?hooks?[\\/]+(?=[\w-]*\d)[\w-]{20,}/i,
];

/**
 * An endpoint is shown, logged and exported; what lets anybody use it is a secret, and is kept elsewhere.
 * @throws `SECRET_IN_ENDPOINT` (data); the message does not repeat it
 */
export function refuseSecretEndpoint(endpoint: string): void {
  const what = secretIn(endpoint);
  if (what === null) return;
  throw dataError(
    "SECRET_IN_ENDPOINT",
    `endpoint holds ${what}; put the whole address into the secret store, name it by secretRef, and give the endpoint without it`,
    { details: { path: "endpoint" } },
  );
}

/** What of an endpoint is secret, as far as that can be told; null: nothing. As it stands, as a browser reads it, and decoded. */
function secretIn(endpoint: string): string | null {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url !== null && (url.username !== "" || url.password !== "")) return "a user name or password";
  for (const text of new Set([endpoint, url?.href ?? endpoint, decoded(endpoint)])) {
    if (userInfo.some((form) => form.test(text))) return "a user name or password";
    for (const [, name = ""] of text.matchAll(parameter)) if (isSecretName(name)) return `the parameter ${name}`;
    if (secretPaths.some((form) => form.test(text))) return "a path that lets whoever knows it post";
    if (looksSecret(text) || scheme.test(text)) return "a token";
  }
  return null;
}

/** `API-Key`, `clientSecret`, `api_key_v2`, `hmac_sha256`: by each word, and by all of them as one. */
function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "");
  return alone.test(words.join("")) || [...words, words.join("")].some(saysSecret);
}

/** Names are short: a long one could be put together from these words in very many ways. */
const saysSecret = (word: string): boolean => word !== "auth" && word.length <= 60 && secretWord.test(word);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
