import { definitions, secret, text } from "@stellaops/kernel";
import { openAuthority, type Authority, type Token, type User } from "@stellaops/authority";
import { expect, it } from "vitest";
import type { DB } from "../src/postgres/generated/database.ts";

/** What must not compile. The compiler checks this file with the others (`tsc -b`): a line that compiles after all is its error. */
export async function mustNotCompile(authority: Authority, user: User, token: Token): Promise<void> {
  const acme = authority.tenant("acme");
  const at = new Date();

  // @ts-expect-error no repository without a tenant
  await authority.users.get("x");
  // @ts-expect-error there is no generic query
  await acme.users.find({ username: "x" });
  // @ts-expect-error append-only records are not put
  await acme.loginAttempts.put(user, 0n);
  // @ts-expect-error nor deleted
  await acme.loginAttempts.delete("x", 1n);
  // @ts-expect-error another aggregate
  await acme.users.put(token, 0n);
  // @ts-expect-error derived fields are none of the domain's
  const folded: User["usernameFolded"] = "x";
  // @ts-expect-error a user is named by its id or its name
  await acme.users.recordFailure({ email: "x" }, { threshold: 1, lockForMs: 1 }, at);
  // @ts-expect-error what is consumed is a bigint
  await acme.licenses.consume({ licenseKey: "x", metric: "m", period: "p", n: 1, at });
  // @ts-expect-error a forced deletion says when
  await acme.roles.delete("x", 1n, { force: true });
  // @ts-expect-error whoever redeems says who it is
  await acme.tokens.redeemOnce({ referenceHash: "x", at });
  const redeemed = await acme.tokens.redeemOnce({ referenceHash: "x", by: "me", at });
  // @ts-expect-error the token is there only where nothing was refused
  const status: string = redeemed.token.status;
  // @ts-expect-error no such status
  const odd: Token = { ...token, status: "used" };
  // @ts-expect-error a stage is a known word
  await openAuthority({ stage: "dual" });
  // @ts-expect-error a secret is stored in one of the known forms
  secret("md5");

  const { aggregate } = definitions<DB>("authority");
  // @ts-expect-error no table of that name
  aggregate("user", "user", {});
  // @ts-expect-error a definition that lacks columns
  aggregate("scopes", "scope", { name: text() });

  void [folded, status, odd];
}

it("types: what must not compile is checked by the compiler", () => {
  expect(mustNotCompile).toBeTypeOf("function");
});
