import { arbitraryOf, purgeArbitrary, textArbitrary } from "@stellaops/testkit";
import type { Arguments, Commands } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import {
  clients,
  licenses,
  loginAttempts,
  revocations,
  roles,
  scopes,
  serviceAccounts,
  tenants,
  tokens,
  users,
} from "../src/aggregates.ts";
import { hashReference } from "../src/domain/references.ts";
import { initial } from "./initial.ts";
import { ids, keys } from "./pools.ts";
import { day, noon, phc } from "./samples.ts";

const id = fc.constantFrom(...ids);
const key = fc.constantFrom(...keys);
const oddKey = fc.oneof({ weight: 6, arbitrary: key }, textArbitrary(), fc.constant("\0"));
const oddId = fc.oneof({ weight: 8, arbitrary: id }, fc.constant("no id"));
const when = fc.constantFrom(noon, day(1), day(2), day(-1), new Date("0001-01-01T00:00:00.000Z"));
const maybe = <T>(of: Arbitrary<T>) => fc.option(of, { nil: null });
/** What is stored at first is at 1. */
const revision = fc.constantFrom(0n, 1n, 1n, 2n, 3n);
const page = fc.record({ limit: fc.constantFrom(1, 2, 5) }, { noNullPrototype: true });
const limit = fc.constantFrom(1, 2, 5, 0);
const few = <T>(of: Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const record = <T>(of: { [K in keyof T]: Arbitrary<T[K]> }): Arbitrary<T> =>
  fc.record<T>(of, { noNullPrototype: true });
const dated = { id, createdAt: when, updatedAt: when };

/** Names that are one name in another case. */
const name = fc.constantFrom(...keys, "a", "\u00c5", "A\u030a", "\u00e5");
const oddName = fc.oneof({ weight: 6, arbitrary: name }, textArbitrary(), fc.constant("\0"));
const reference = fc.oneof({ weight: 6, arbitrary: key.map(hashReference) }, fc.constant("a reference"));
const hash = fc.constantFrom(phc("1"), phc("2"), "a password");

const held = record({ roleId: id, grantedBy: textArbitrary(), grantedAt: when, expiresAt: maybe(when) });
const granted = fc.uniqueArray(held, { maxLength: 2, selector: ({ roleId }) => roleId }).map((all) => all.toReversed());
const ofUser = { username: name, email: maybe(name), lockedUntil: maybe(when), roles: granted };
const user = arbitraryOf(users, { ...dated, ...ofUser });
const resources = fc.uniqueArray(key, { maxLength: 2 });
const token = arbitraryOf(tokens, {
  ...dated,
  tokenId: key,
  subject: key,
  clientId: key,
  referenceHash: maybe(key.map(hashReference)),
  issuedAt: when,
  expiresAt: when,
});
const ofRevocation = { revocationId: key, effectiveAt: when, expiresAt: maybe(when) };
const usage = fc.uniqueArray(
  record({ metric: key, period: fc.constant("p"), used: fc.constantFrom(0n, 3n, 2n ** 63n - 1n, -1n) }),
  { maxLength: 2, selector: ({ metric }) => metric },
);
const ofLicense = {
  licenseKey: key,
  limits: fc.dictionary(key, fc.constantFrom(0, 4, 2 ** 53 - 1), { noNullPrototype: true }),
  validFrom: when,
  validTo: when,
  status: fc.constantFrom("active" as const, "active" as const, "suspended" as const),
  usage,
};

const reason = fc.oneof(textArbitrary(), fc.constant("\0"));
const userRef = fc.oneof(record({ userId: oddId }), record({ username: oddName }));
const rule = record({ threshold: fc.constantFrom(1, 2, 3, 0), lockForMs: fc.constantFrom(1, 86_400_000) });
const revoking = record({ at: when, reason, limit });

const reads: Arguments = {
  "tenants.get": fc.tuple(oddId),
  "tenants.list": fc.tuple(page),
  "tenants.current": fc.constant([]),
  "users.get": fc.tuple(oddId),
  "users.list": fc.tuple(page),
  "users.findByUsername": fc.tuple(oddName),
  "users.findByEmail": fc.tuple(oddName),
  "users.listByRole": fc.tuple(oddId, when, page),
  "roles.get": fc.tuple(oddId),
  "roles.list": fc.tuple(page),
  "roles.findByName": fc.tuple(oddKey),
  "serviceAccounts.get": fc.tuple(oddId),
  "serviceAccounts.list": fc.tuple(page),
  "serviceAccounts.findByAccountId": fc.tuple(oddKey),
  "serviceAccounts.authorize": fc.tuple(record({ accountId: oddKey, clientId: oddKey, scopes: few(oddKey) })),
  "clients.get": fc.tuple(oddId),
  "clients.list": fc.tuple(page),
  "clients.findByClientId": fc.tuple(oddKey),
  "scopes.get": fc.tuple(oddId),
  "scopes.list": fc.tuple(page),
  "scopes.findByName": fc.tuple(oddKey),
  "scopes.listByResource": fc.tuple(oddKey, page),
  "tokens.get": fc.tuple(oddId),
  "tokens.list": fc.tuple(page),
  "tokens.findByReference": fc.tuple(reference),
  "tokens.listBySubject": fc.tuple(oddKey, page),
  "revocations.get": fc.tuple(oddId),
  "revocations.list": fc.tuple(page),
  "revocations.listActive": fc.tuple(when),
  "loginAttempts.get": fc.tuple(oddId),
  "loginAttempts.list": fc.tuple(page),
  "loginAttempts.listRecent": fc.tuple(oddKey, page),
  "loginAttempts.countFailures": fc.tuple(oddKey, when),
  "licenses.get": fc.tuple(oddId),
  "licenses.list": fc.tuple(page),
  "licenses.findByKey": fc.tuple(oddKey),
};

const writes: Arguments = {
  "tenants.put": fc.tuple(arbitraryOf(tenants, dated), revision),
  "tenants.delete": fc.tuple(oddId, revision),
  "tenants.suspend": fc.tuple(when),
  "tenants.resume": fc.tuple(when),
  "users.put": fc.tuple(user, revision),
  "users.delete": fc.tuple(oddId, revision),
  "users.grantRole": fc.tuple(
    record({ userId: oddId, roleId: oddId, grantedBy: reason, expiresAt: maybe(when), at: when }),
  ),
  "users.revokeRole": fc.tuple(record({ userId: oddId, roleId: oddId, at: when })),
  "users.recordFailure": fc.tuple(userRef, rule, when),
  "users.recordSuccess": fc.tuple(userRef, when),
  "roles.put": fc.tuple(arbitraryOf(roles, { ...dated, name: key }), revision),
  "roles.delete": fc.tuple(oddId, revision, fc.option(record({ at: when }), { nil: undefined })),
  "serviceAccounts.put": fc.tuple(
    arbitraryOf(serviceAccounts, { ...dated, accountId: key, allowedScopes: resources, authorizedClients: resources }),
    revision,
  ),
  "serviceAccounts.delete": fc.tuple(oddId, revision),
  "clients.put": fc.tuple(arbitraryOf(clients, { ...dated, clientId: key }), revision),
  "clients.delete": fc.tuple(oddId, revision),
  "clients.rotateSecret": fc.tuple(record({ clientId: oddKey, secretHash: hash, at: when })),
  "scopes.put": fc.tuple(arbitraryOf(scopes, { ...dated, name: key, resources }), revision),
  "scopes.delete": fc.tuple(oddId, revision),
  "tokens.put": fc.tuple(token, revision),
  "tokens.delete": fc.tuple(oddId, revision),
  "tokens.redeemOnce": fc.tuple(record({ referenceHash: reference, by: reason, at: when })),
  "tokens.revoke": fc.tuple(oddKey, record({ at: when, reason })),
  "tokens.revokeBySubject": fc.tuple(oddKey, revoking),
  "tokens.revokeByClient": fc.tuple(oddKey, revoking),
  "tokens.purgeExpired": fc.tuple(when, limit),
  "revocations.put": fc.tuple(arbitraryOf(revocations, { ...dated, ...ofRevocation }), revision),
  "revocations.delete": fc.tuple(oddId, revision),
  "loginAttempts.purge": fc.tuple(purgeArbitrary(noon)),
  "loginAttempts.append": fc.tuple(few(arbitraryOf(loginAttempts, { ...dated, subject: key, occurredAt: when }))),
  "licenses.put": fc.tuple(arbitraryOf(licenses, { ...dated, ...ofLicense }), revision),
  "licenses.delete": fc.tuple(oddId, revision),
  "licenses.consume": fc.tuple(
    record({
      licenseKey: oddKey,
      metric: oddKey,
      period: fc.constantFrom("p", "q"),
      n: fc.constantFrom(1n, 2n, 0n, 2n ** 53n - 1n),
      at: when,
    }),
  ),
};

/** Every verb with arguments that meet. */
export const commands: Commands = { reads, writes, initial };
