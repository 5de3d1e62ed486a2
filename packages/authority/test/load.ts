import type { Scope } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { must, revisionOf, type LoadContext, type LoadWorker, type ModuleLoad } from "@stellaops/testkit/module";
import { hashReference, wiring, type AuthorityRepositories } from "../src/index.ts";
import { Rival } from "./rival.ts";
import {
  client,
  license,
  loginAttempt,
  phc,
  revocation,
  role,
  scope,
  serviceAccount,
  tenant,
  token,
  user,
} from "./samples.ts";

type Context = LoadContext<AuthorityRepositories>;
type Stored = { readonly id: string; readonly revision: bigint } | null;

/** Every verb of the module, on things that are its own. */
class Worker implements LoadWorker {
  readonly #context: Context;
  readonly #on: Scope<AuthorityRepositories>;

  constructor(context: Context) {
    this.#context = context;
    this.#on = context.on;
  }

  async round(turn: number): Promise<void> {
    await this.#tenants();
    await this.#users();
    await this.#grants();
    await this.#programs();
    await this.#tokens();
    await this.#records();
    await this.#licenses(turn);
    await this.#unit();
  }

  /** The answer of a verb that gives the aggregate. */
  #told(repository: string, stored: Stored): void {
    if (stored === null) throw new Error(`${repository} gave nothing`);
    this.#context.tell(`${repository}/${stored.id}`, stored.revision);
  }

  async #tenants(): Promise<void> {
    const { tenants } = this.#on;
    const { tell, ids, now } = this.#context;
    const found = await tenants.current();
    const made = { ...tenant(), id: found?.id ?? ids.next() };
    tell(`tenants/${made.id}`, await tenants.put(made, found?.revision ?? 0n));
    this.#told("tenants", await tenants.suspend(now()));
    must("suspended twice", await tenants.suspend(now()), null);
    const active = await tenants.resume(now());
    this.#told("tenants", active);
    await tenants.delete(made.id, active?.revision ?? 0n);
    tell(`tenants/${made.id}`, null);
    must("a tenant that was deleted", await tenants.get(made.id), null);
    // Another row takes its place, of which a tenant has one.
    const heir = { ...made, id: ids.next() };
    tell(`tenants/${heir.id}`, await tenants.put(heir, 0n));
    await tenants.list({ limit: 5 });
  }

  async #users(): Promise<void> {
    const { users } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [one, gone] = [
      user({ id: ids.next(), username: key(), email: key() }),
      user({ id: ids.next(), username: key() }),
    ];
    for (const each of [one, gone]) tell(`users/${each.id}`, await users.put(each, 0n));
    const rule = { threshold: 2, lockForMs: 3_600_000 };
    this.#told("users", await users.recordSuccess({ username: one.username.toLowerCase() }, now()));
    this.#told("users", await users.recordFailure({ userId: one.id }, rule, now()));
    const locked = await users.recordFailure({ username: one.username }, rule, now());
    this.#told("users", locked);
    must("the second failure of two", locked?.status, "locked");
    must("a login under a lock", await users.recordSuccess({ userId: one.id }, now()), null);
    // Its name passes to the other, in another case.
    tell(`users/${one.id}`, await users.put({ ...one, username: key(), email: null }, 4n));
    tell(`users/${gone.id}`, await users.put({ ...gone, username: one.username.toLowerCase() }, 1n));
    must("who has the name now", (await users.findByUsername(one.username))?.id, gone.id);
    must("who has the address now", await users.findByEmail(one.email ?? ""), null);
    await users.delete(gone.id, 2n);
    tell(`users/${gone.id}`, null);
    must("a user", revisionOf(await users.get(one.id)), 5n);
    await users.list({ limit: 5 });
  }

  async #grants(): Promise<void> {
    const { users, roles } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [kept, forced] = [role({ id: ids.next(), name: key() }), role({ id: ids.next(), name: key() })];
    const one = user({ id: ids.next(), username: key(), email: null });
    for (const each of [kept, forced]) tell(`roles/${each.id}`, await roles.put(each, 0n));
    tell(`users/${one.id}`, await users.put(one, 0n));
    const grant = { userId: one.id, grantedBy: "root", expiresAt: null };
    for (const { id } of [kept, forced])
      this.#told("users", await users.grantRole({ ...grant, roleId: id, at: now() }));
    must("a deletion of what is granted", await codeOfCall(roles.delete(kept.id, 1n)), "ROLE_GRANTED");
    await roles.delete(forced.id, 1n, { at: now() });
    tell(`roles/${forced.id}`, null);
    tell(`users/${one.id}`, 4n);
    must(
      "a grant of what is deleted",
      await codeOfCall(users.grantRole({ ...grant, roleId: forced.id, at: now() })),
      "ROLE_MISSING",
    );
    must("who has the role", (await users.listByRole(kept.id, now())).items.length, 1);
    this.#told("users", await users.revokeRole({ userId: one.id, roleId: kept.id, at: now() }));
    must("a role by name", (await roles.findByName(kept.name))?.id, kept.id);
    must("a role", revisionOf(await roles.get(kept.id)), 1n);
    await roles.list({ limit: 5 });
  }

  async #programs(): Promise<void> {
    const { serviceAccounts, clients, scopes } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [account, brief] = [1, 2].map(() => serviceAccount({ id: ids.next(), accountId: key() }));
    const [one, gone] = [1, 2].map(() => client({ id: ids.next(), clientId: key() }));
    const [kept, other] = [1, 2].map(() => scope({ id: ids.next(), name: key() }));
    if (!account || !brief || !one || !gone || !kept || !other) throw new Error("nothing was made");
    for (const each of [account, brief]) tell(`serviceAccounts/${each.id}`, await serviceAccounts.put(each, 0n));
    for (const each of [one, gone]) tell(`clients/${each.id}`, await clients.put(each, 0n));
    for (const each of [kept, other]) tell(`scopes/${each.id}`, await scopes.put(each, 0n));
    await serviceAccounts.delete(brief.id, 1n);
    await clients.delete(gone.id, 1n);
    await scopes.delete(other.id, 1n);
    for (const name of [`serviceAccounts/${brief.id}`, `clients/${gone.id}`, `scopes/${other.id}`]) tell(name, null);
    const { accountId } = account;
    const asked = { accountId, clientId: "cli", scopes: ["policy:read"] };
    must("what an account may", (await serviceAccounts.authorize(asked)).refused, null);
    must("an account", (await serviceAccounts.findByAccountId(accountId))?.id, account.id);
    must("an account by id", revisionOf(await serviceAccounts.get(account.id)), 1n);
    const rotated = await clients.rotateSecret({ clientId: one.clientId, secretHash: phc(key()), at: now() });
    this.#told("clients", rotated);
    must("a client", (await clients.findByClientId(one.clientId))?.secretHash, rotated?.secretHash);
    must("a client by id", revisionOf(await clients.get(one.id)), 2n);
    must("a scope", (await scopes.findByName(kept.name))?.id, kept.id);
    must("a scope by id", revisionOf(await scopes.get(kept.id)), 1n);
    await scopes.listByResource("policy", { limit: 5 });
    for (const repository of [serviceAccounts, clients, scopes]) await repository.list({ limit: 5 });
  }

  async #tokens(): Promise<void> {
    const { tokens } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [subject, clientId] = [key(), key()];
    const of = { issuedAt: now(), expiresAt: new Date(now().getTime() + 86_400_000), subject, clientId };
    const made = Array.from({ length: 6 }, () =>
      token({ ...of, id: ids.next(), tokenId: key(), referenceHash: hashReference(key()) }),
    );
    const [first, second, third, fourth, over, gone] = made;
    if (!first || !second || !third || !fourth || !over || !gone) throw new Error("no tokens");
    const stored = [first, second, third, { ...fourth, subject: key() }, { ...over, expiresAt: new Date(0) }, gone];
    for (const each of stored) tell(`tokens/${each.id}`, await tokens.put(each, 0n));
    await tokens.delete(gone.id, 1n);
    tell(`tokens/${gone.id}`, null);
    const referenceHash = first.referenceHash ?? "";
    const redeemed = await tokens.redeemOnce({ referenceHash, by: key(), at: now() });
    this.#told("tokens", redeemed.token);
    must("redeemed twice", (await tokens.redeemOnce({ referenceHash, by: "again", at: now() })).refused, "redeemed");
    this.#told("tokens", await tokens.revoke(second.tokenId, { at: now(), reason: "lost" }));
    must("purged", await tokens.purgeExpired(new Date(1), 10), 1);
    tell(`tokens/${over.id}`, null);
    const how = { at: now(), reason: "left", limit: 10 };
    must("revoked of a subject", await tokens.revokeBySubject(subject, how), 1);
    must("revoked of a client", await tokens.revokeByClient(clientId, how), 1);
    for (const { id } of [third, fourth]) tell(`tokens/${id}`, 2n);
    must("of the subject", (await tokens.listBySubject(subject)).items.length, 3);
    must("by reference", (await tokens.findByReference(referenceHash))?.status, "redeemed");
    must("a token", revisionOf(await tokens.get(third.id)), 2n);
    await tokens.list({ limit: 5 });
  }

  async #records(): Promise<void> {
    const { revocations, loginAttempts } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [kept, gone] = [1, 2].map(() => revocation({ id: ids.next(), revocationId: key(), effectiveAt: now() }));
    if (!kept || !gone) throw new Error("no revocations");
    for (const each of [kept, gone]) tell(`revocations/${each.id}`, await revocations.put(each, 0n));
    const { items } = await revocations.listActive(now());
    must(
      "an active one",
      items.some(({ id }) => id === kept.id),
      true,
    );
    await revocations.delete(gone.id, 1n);
    tell(`revocations/${gone.id}`, null);
    // Over by now: what is listed stays short.
    tell(`revocations/${kept.id}`, await revocations.put({ ...kept, expiresAt: now() }, 1n));
    must("a revocation", revisionOf(await revocations.get(kept.id)), 2n);
    await revocations.list({ limit: 5 });
    const subject = key();
    const attempts = [1, 2, 3].map(() => loginAttempt({ id: ids.next(), subject }));
    const old = loginAttempt({ id: ids.next(), subject, occurredAt: new Date(0) });
    await loginAttempts.append([...attempts, old]);
    must("purged attempts", await loginAttempts.purge({ at: now(), keepDays: 10_000, limit: 10 }), 1);
    tell(`loginAttempts/${old.id}`, null);
    for (const { id } of attempts) tell(`loginAttempts/${id}`, 1n);
    must("attempts", (await loginAttempts.listRecent(subject)).items.length, 3);
    must("failures", await loginAttempts.countFailures(subject, new Date(0)), 3n);
    await loginAttempts.list({ limit: 5 });
    for (const { id } of attempts.slice(0, 1)) must("an attempt", revisionOf(await loginAttempts.get(id)), 1n);
  }

  async #licenses(turn: number): Promise<void> {
    const { licenses } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const valid = { validFrom: new Date(0), validTo: new Date("2999-01-01") };
    const [one, gone] = [1, 2].map(() =>
      license({ id: ids.next(), licenseKey: key(), limits: { scans: 5 }, ...valid }),
    );
    if (!one || !gone) throw new Error("no licenses");
    for (const each of [one, gone]) tell(`licenses/${each.id}`, await licenses.put(each, 0n));
    await licenses.delete(gone.id, 1n);
    tell(`licenses/${gone.id}`, null);
    const asked = { licenseKey: one.licenseKey, metric: "scans", period: `turn ${turn}`, at: now() };
    must("consumed", await licenses.consume({ ...asked, n: 3n }), { used: 3n, left: 2n });
    tell(`licenses/${one.id}`, 2n);
    must("too much", await codeOfCall(licenses.consume({ ...asked, n: 3n })), "LICENSE_EXHAUSTED");
    must("a license", revisionOf(await licenses.findByKey(one.licenseKey)), 2n);
    must("a license by id", revisionOf(await licenses.get(one.id)), 2n);
    await licenses.list({ limit: 5 });
  }

  /** Several verbs as one unit; told when the whole was acknowledged. */
  async #unit(): Promise<void> {
    const { tell, ids, key, now } = this.#context;
    const [one, held] = [user({ id: ids.next(), username: key(), email: null }), role({ id: ids.next(), name: key() })];
    const read = await this.#on.transaction(async ({ users, roles }) => {
      await roles.put(held, 0n);
      await users.put(one, 0n);
      await users.grantRole({ userId: one.id, roleId: held.id, grantedBy: "root", expiresAt: null, at: now() });
      return (await users.get(one.id))?.roles.length;
    });
    tell(`users/${one.id}`, 2n);
    tell(`roles/${held.id}`, 1n);
    must("a unit reads its own write", read, 1);
  }
}

const codeOfCall = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => "done",
    (error: unknown) => codeOf(error),
  );

export const load: ModuleLoad<AuthorityRepositories> = {
  wiring,
  worker: (context) => new Worker(context),
  rival: (context) => new Rival(context),
};
