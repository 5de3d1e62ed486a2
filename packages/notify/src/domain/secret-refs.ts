import { dataError } from "@stellaops/kernel";
import { looksSecret } from "./secret-forms.ts";

const names = /^env:[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const files = /^file:\/(?!\/)[\w./-]+$/;
/** Of a store of secrets: its kind, and a path in it. */
const paths = /^(?!https?:|wss?:|ftp:)[a-z][a-z0-9+.-]{1,31}:\/\/[\w./#-]+$/;

/** What names a secret in its store: `vault://notify/slack#url`, `env:SLACK_URL`, `file:/run/secrets/slack`. @throws `SECRET_REF_INVALID` (data) */
export function refuseNoSecretRef(secretRef: string): void {
  const named = [names, files, paths].some((form) => form.test(secretRef));
  if (named && !looksSecret(secretRef)) return;
  throw dataError(
    "SECRET_REF_INVALID",
    "secretRef is no name of a secret; put the secret into its store and give its name, such as vault://notify/slack or env:SLACK_URL",
    { details: { path: "secretRef" } },
  );
}
