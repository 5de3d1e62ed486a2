/** `user:password@` in any URL, up to the last `@` of the word: passwords may hold one. */
const userinfo = /(:\/\/[^\s:@/"']*):[^\s"']*@/g;
const parameters = /([?&](?:password|sslpassword|authMechanismProperties|tlsCertificateKeyFilePassword)=)[^&\s"']*/gi;
/** What PostgreSQL stores of a password: enough to try passwords against. */
const verifiers = /SCRAM-SHA-256\$[^\s"';]*/g;

/** Takes out of a text whatever is secret. Everything that is printed or logged goes through it. */
export const redact = (text: string): string =>
  text.replace(userinfo, "$1:***@").replace(parameters, "$1***").replace(verifiers, "SCRAM-SHA-256$***");
