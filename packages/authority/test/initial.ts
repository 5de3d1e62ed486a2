import type { Command } from "@stellaops/testkit/module";
import { hashReference } from "../src/domain/references.ts";
import { ids, keys } from "./pools.ts";
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

/** The verb, then its arguments. */
type Step = readonly [string, ...unknown[]];
interface Pair {
  readonly id: string;
  readonly key: string;
}

const pairs: readonly Pair[] = [0, 1].map((i) => ({ id: ids[i]!, key: keys[i]! }));

const each = ({ id, key }: Pair): readonly Step[] => [
  ["roles.put", role({ id, name: key }), 0n],
  ["users.put", user({ id, username: key, email: key }), 0n],
  ["serviceAccounts.put", serviceAccount({ id, accountId: key, allowedScopes: keys, authorizedClients: [key] }), 0n],
  ["clients.put", client({ id, clientId: key }), 0n],
  ["scopes.put", scope({ id, name: key, resources: [key] }), 0n],
  ["tokens.put", token({ id, tokenId: key, subject: key, clientId: key, referenceHash: hashReference(key) }), 0n],
  ["revocations.put", revocation({ id, revocationId: key }), 0n],
  ["loginAttempts.append", [loginAttempt({ id, subject: key })]],
  ["licenses.put", license({ id, licenseKey: key, limits: Object.fromEntries(keys.map((metric) => [metric, 4])) }), 0n],
];
const [first, second] = pairs;
const grant = { userId: first!.id, roleId: second!.id, grantedBy: "root", expiresAt: null, at: noon };

/** Something of everything under the ids and keys of the pools, so that later commands find it; the last id and the last keys are free. One unit a tenant. */
export const initial: readonly Command[] = ["acme", "@global"].map((of) => {
  const steps: readonly Step[] = [
    ["tenants.put", tenant({ id: first!.id }), 0n],
    ...pairs.flatMap(each),
    ["users.grantRole", grant],
  ];
  return {
    tenant: of,
    verb: "transaction",
    args: steps.map(([verb, ...args]): Command => ({ tenant: of, verb, args })),
  };
});
