import type { AuthorityRepositories } from "@stellaops/authority";
import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import {
  client,
  day,
  fresh,
  license,
  loginAttempt,
  newId,
  noon,
  phc,
  revocation,
  role,
  scope,
  serviceAccount,
  tenant,
  token,
  user,
} from "./samples.ts";

type Scope = ScopeOf<AuthorityRepositories>;
const { call, plain } = callsOf<AuthorityRepositories>();

/** Stores what `make` makes, and gives it. */
type Stored = "users" | "roles" | "serviceAccounts" | "clients" | "scopes" | "tokens" | "revocations" | "licenses";
const stored =
  <T>(name: Stored, make: () => T) =>
  async (on: Scope): Promise<T> => {
    const one = make();
    await (on[name] as unknown as { put(aggregate: T, expected: bigint): Promise<bigint> }).put(one, 0n);
    return one;
  };
const ofUser = stored("users", user);
const ofRole = stored("roles", role);
const ofAccount = stored("serviceAccounts", serviceAccount);
const ofClient = stored("clients", client);
const ofScope = stored("scopes", scope);
const ofToken = stored("tokens", token);
const ofRevocation = stored("revocations", revocation);
const ofLicense = stored("licenses", license);

/** The one row of the tenant, made where there is none, active again and at its revision. */
const ofTenant = async ({ tenants }: Scope) => {
  const found = await tenants.current();
  const made = { ...tenant(), ...(found !== null && { id: found.id }) };
  const revision = await tenants.put(made, found?.revision ?? 0n);
  return { made, revision };
};
const granted = async (on: Scope, n: number) => {
  const held = await ofRole(on);
  const holders = [];
  for (let i = 0; i < n; i += 1) {
    const one = await ofUser(on);
    await on.users.grantRole({ userId: one.id, roleId: held.id, grantedBy: "root", expiresAt: null, at: noon });
    holders.push(one.id);
  }
  return { roleId: held.id, userId: holders[0] ?? "" };
};
/** Of one subject and client. */
const tokensOf =
  (over: Parameters<typeof token>[0] = {}) =>
  async ({ tokens }: Scope, n: number) => {
    const [subject, clientId] = [fresh("subject"), fresh("client")];
    for (let i = 0; i < n; i += 1) await tokens.put(token({ subject, clientId, ...over }), 0n);
    return { subject, clientId };
  };
const how = (limit: number) => ({ at: noon, reason: "lost", limit });

/** Every verb once. */
export const calls: Calls<AuthorityRepositories> = {
  "tenants.get": plain(({ tenants }) => tenants.get(newId())),
  "tenants.list": plain(({ tenants }, limit) => tenants.list({ limit })),
  "tenants.put": call(ofTenant, ({ tenants }, _, { made, revision }) =>
    tenants.put({ ...made, displayName: "other" }, revision),
  ),
  "tenants.delete": call(ofTenant, ({ tenants }, _, { made, revision }) => tenants.delete(made.id, revision)),
  "tenants.current": call(ofTenant, ({ tenants }) => tenants.current()),
  "tenants.suspend": call(ofTenant, ({ tenants }) => tenants.suspend(noon)),
  "tenants.resume": call(
    async (on) => {
      await ofTenant(on);
      await on.tenants.suspend(noon);
    },
    ({ tenants }) => tenants.resume(noon),
  ),
  "users.get": call(ofUser, ({ users }, _, { id }) => users.get(id)),
  "users.list": call(ofUser, ({ users }, limit) => users.list({ limit })),
  "users.put": call(ofUser, ({ users }, _, made) => users.put({ ...made, displayName: "other" }, 1n)),
  "users.delete": call(ofUser, ({ users }, _, { id }) => users.delete(id, 1n)),
  "users.findByUsername": call(ofUser, ({ users }, _, { username }) => users.findByUsername(username.toUpperCase())),
  "users.findByEmail": call(ofUser, ({ users }, _, { email }) => users.findByEmail(email ?? "")),
  "users.grantRole": call(
    async (on) => ({ userId: (await ofUser(on)).id, roleId: (await ofRole(on)).id }),
    ({ users }, _, ids) => users.grantRole({ ...ids, grantedBy: "root", expiresAt: null, at: noon }),
  ),
  "users.revokeRole": call(granted, ({ users }, _, ids) => users.revokeRole({ ...ids, at: noon })),
  "users.listByRole": call(granted, ({ users }, limit, { roleId }) => users.listByRole(roleId, noon, { limit })),
  "users.recordFailure": call(ofUser, ({ users }, _, { id }) =>
    users.recordFailure({ userId: id }, { threshold: 3, lockForMs: 60_000 }, noon),
  ),
  "users.recordSuccess": call(ofUser, ({ users }, _, { username }) => users.recordSuccess({ username }, noon)),
  "roles.get": call(ofRole, ({ roles }, _, { id }) => roles.get(id)),
  "roles.list": call(ofRole, ({ roles }, limit) => roles.list({ limit })),
  "roles.put": call(ofRole, ({ roles }, _, made) => roles.put({ ...made, displayName: "other" }, 1n)),
  "roles.delete": call(granted, ({ roles }, _, { roleId }) => roles.delete(roleId, 1n, { at: noon })),
  "roles.findByName": call(ofRole, ({ roles }, _, { name }) => roles.findByName(name)),
  "serviceAccounts.get": call(ofAccount, ({ serviceAccounts }, _, { id }) => serviceAccounts.get(id)),
  "serviceAccounts.list": call(ofAccount, ({ serviceAccounts }, limit) => serviceAccounts.list({ limit })),
  "serviceAccounts.put": call(ofAccount, ({ serviceAccounts }, _, made) =>
    serviceAccounts.put({ ...made, enabled: false }, 1n),
  ),
  "serviceAccounts.delete": call(ofAccount, ({ serviceAccounts }, _, { id }) => serviceAccounts.delete(id, 1n)),
  "serviceAccounts.findByAccountId": call(ofAccount, ({ serviceAccounts }, _, { accountId }) =>
    serviceAccounts.findByAccountId(accountId),
  ),
  "serviceAccounts.authorize": call(ofAccount, ({ serviceAccounts }, n, { accountId }) =>
    serviceAccounts.authorize({ accountId, clientId: "cli", scopes: Array.from({ length: n }, () => fresh("scope")) }),
  ),
  "clients.get": call(ofClient, ({ clients }, _, { id }) => clients.get(id)),
  "clients.list": call(ofClient, ({ clients }, limit) => clients.list({ limit })),
  "clients.put": call(ofClient, ({ clients }, _, made) => clients.put({ ...made, enabled: false }, 1n)),
  "clients.delete": call(ofClient, ({ clients }, _, { id }) => clients.delete(id, 1n)),
  "clients.findByClientId": call(ofClient, ({ clients }, _, { clientId }) => clients.findByClientId(clientId)),
  "clients.rotateSecret": call(ofClient, ({ clients }, _, { clientId }) =>
    clients.rotateSecret({ clientId, secretHash: phc("new"), at: noon }),
  ),
  "scopes.get": call(ofScope, ({ scopes }, _, { id }) => scopes.get(id)),
  "scopes.list": call(ofScope, ({ scopes }, limit) => scopes.list({ limit })),
  "scopes.put": call(ofScope, ({ scopes }, _, made) => scopes.put({ ...made, claims: [] }, 1n)),
  "scopes.delete": call(ofScope, ({ scopes }, _, { id }) => scopes.delete(id, 1n)),
  "scopes.findByName": call(ofScope, ({ scopes }, _, { name }) => scopes.findByName(name)),
  "scopes.listByResource": call(ofScope, ({ scopes }, limit) => scopes.listByResource("policy", { limit })),
  "tokens.get": call(ofToken, ({ tokens }, _, { id }) => tokens.get(id)),
  "tokens.list": call(ofToken, ({ tokens }, limit) => tokens.list({ limit })),
  "tokens.put": plain(({ tokens }) => tokens.put(token(), 0n)),
  "tokens.delete": call(ofToken, ({ tokens }, _, { id }) => tokens.delete(id, 1n)),
  "tokens.findByReference": call(ofToken, ({ tokens }, _, { referenceHash }) =>
    tokens.findByReference(referenceHash ?? ""),
  ),
  "tokens.redeemOnce": call(ofToken, ({ tokens }, _, { referenceHash }) =>
    tokens.redeemOnce({ referenceHash: referenceHash ?? "", by: "me", at: noon }),
  ),
  "tokens.revoke": call(ofToken, ({ tokens }, _, { tokenId }) => tokens.revoke(tokenId, { at: noon, reason: "lost" })),
  "tokens.revokeBySubject": call(tokensOf(), ({ tokens }, n, { subject }) => tokens.revokeBySubject(subject, how(n))),
  "tokens.revokeByClient": call(tokensOf(), ({ tokens }, n, { clientId }) => tokens.revokeByClient(clientId, how(n))),
  "tokens.listBySubject": call(tokensOf(), ({ tokens }, limit, { subject }) =>
    tokens.listBySubject(subject, { limit }),
  ),
  "tokens.purgeExpired": call(tokensOf({ expiresAt: day(-9) }), ({ tokens }, n) => tokens.purgeExpired(day(-8), n)),
  "revocations.get": call(ofRevocation, ({ revocations }, _, { id }) => revocations.get(id)),
  "revocations.list": call(ofRevocation, ({ revocations }, limit) => revocations.list({ limit })),
  "revocations.put": plain(({ revocations }) => revocations.put(revocation(), 0n)),
  "revocations.delete": call(ofRevocation, ({ revocations }, _, { id }) => revocations.delete(id, 1n)),
  "revocations.listActive": call(ofRevocation, ({ revocations }) => revocations.listActive(noon)),
  "loginAttempts.get": plain(({ loginAttempts }) => loginAttempts.get(newId())),
  "loginAttempts.list": plain(({ loginAttempts }, limit) => loginAttempts.list({ limit })),
  "loginAttempts.append": plain(({ loginAttempts }, n) =>
    loginAttempts.append(Array.from({ length: n }, () => loginAttempt())),
  ),
  "loginAttempts.purge": call(
    ({ loginAttempts }, n) =>
      loginAttempts.append(Array.from({ length: n }, () => loginAttempt({ occurredAt: new Date(0) }))),
    ({ loginAttempts }, limit) => loginAttempts.purge({ at: noon, keepDays: 30, limit }),
  ),
  "loginAttempts.listRecent": plain(({ loginAttempts }, limit) => loginAttempts.listRecent("ada", { limit })),
  "loginAttempts.countFailures": plain(({ loginAttempts }) => loginAttempts.countFailures("ada", noon)),
  "licenses.get": call(ofLicense, ({ licenses }, _, { id }) => licenses.get(id)),
  "licenses.list": call(ofLicense, ({ licenses }, limit) => licenses.list({ limit })),
  "licenses.put": call(ofLicense, ({ licenses }, _, made) => licenses.put({ ...made, tier: "other" }, 1n)),
  "licenses.delete": call(ofLicense, ({ licenses }, _, { id }) => licenses.delete(id, 1n)),
  "licenses.findByKey": call(ofLicense, ({ licenses }, _, { licenseKey }) => licenses.findByKey(licenseKey)),
  "licenses.consume": call(ofLicense, ({ licenses }, n, { licenseKey }) =>
    licenses.consume({ licenseKey, metric: "scans", period: "2026-03", n: BigInt(n), at: noon }),
  ),
};
