import { dataError } from "@stellaops/kernel";
import { looksSecret } from "./secret-forms.ts";

/** A user and a password before the host, with a scheme or without; an address of mail has no password. */
const userInfo = [/:[\\/]{2,}[^\\/?#]*@/, /^(?!(mailto|sip|sips|xmpp):)[^\\/?#@\s]*:[^\\/?#@\s]*@/i];

/** Names of parameters, without what only parts words. */
const parameter = /[?#&;]([^=?#&;\\/]+)=/g;
const secretName =
  /(token|secret|key|sig|signature|password|passwd|pwd|passphrase|credentials?|authorization|bearer|jwt)$|^(auth|code|pass|sign|hmac)$/;

/** Paths that are a password: whoever knows them may post. */
const secretPaths = [
  /\bhooks\.slack(-gov)?\.com[\\/]+(services|workflows|triggers)[\\/]+[^\\/?#]/i,
  /\bdiscord(app)?\.com[\\/]+api[\\/]+(v\d+[\\/]+)?webhooks[\\/]+[^\\/?#]/i,
  /\boffice(365)?\.com[\\/]+webhook(b2)?[\\/]+[^\\/?#]/i,
  /\bapi\.telegram\.org[\\/]+bot[^\\/?#]/i,
  /\bevents\.(eu\.)?pagerduty\.com[\\/]+(integration|x-ere)[\\/]+[^\\/?#]/i,
  /\bhooks\.zapier\.com[\\/]+hooks[\\/]+[^\\/?#]/i,
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

/** What of an endpoint is secret, as far as that can be told; null: nothing. */
function secretIn(endpoint: string): string | null {
  const plain = decoded(endpoint);
  if (userInfo.some((form) => form.test(plain))) return "a user name or password";
  for (const [, name = ""] of plain.matchAll(parameter))
    if (secretName.test(name.toLowerCase().replace(/[^a-z]/g, ""))) return `the parameter ${name}`;
  if (secretPaths.some((form) => form.test(plain))) return "a path that lets whoever knows it post";
  return looksSecret(plain) ? "a token" : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
