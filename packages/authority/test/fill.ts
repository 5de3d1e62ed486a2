import type { AuthorityRepositories } from "@stellaops/authority";
import type { Scope } from "@stellaops/cutover";
import {
  client,
  license,
  loginAttempt,
  noon,
  revocation,
  role,
  scope,
  serviceAccount,
  tenant,
  token,
  user,
} from "./samples.ts";

/** A row in every table, those of children among them. */
export async function fill(on: Scope<AuthorityRepositories>): Promise<void> {
  const [one, held, bought] = [user(), role(), license()];
  if ((await on.tenants.current()) === null) await on.tenants.put(tenant(), 0n);
  await on.users.put(one, 0n);
  await on.roles.put(held, 0n);
  await on.users.grantRole({ userId: one.id, roleId: held.id, grantedBy: "root", expiresAt: null, at: noon });
  await on.serviceAccounts.put(serviceAccount(), 0n);
  await on.clients.put(client(), 0n);
  await on.scopes.put(scope(), 0n);
  await on.tokens.put(token(), 0n);
  await on.revocations.put(revocation(), 0n);
  await on.loginAttempts.append([loginAttempt()]);
  await on.licenses.put(bought, 0n);
  await on.licenses.consume({ licenseKey: bought.licenseKey, metric: "scans", period: "2026", n: 1n, at: noon });
}
