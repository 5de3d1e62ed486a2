import { openAuthority } from "@stellaops/authority";
import { withPostgres } from "@stellaops/testkit";
import {
  duplicateKey,
  indexGone,
  longText,
  refusal,
  samePages,
  textsInDisorder,
  textsInOrder,
} from "@stellaops/testkit/module";
import { expect } from "vitest";
import { loginAttempt, newId, noon, scope, token, user } from "../samples.ts";
import type { On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = (on: On) => {
  const { both, roundTrip, licensed, rigs } = on;
  return {
    arrays: async () => {
      await both(({ scopes }) => scopes.put(scope({ id: newIds[0]!, name: "s", resources: ["a", "b"] }), 0n));
      expect(await both(({ scopes }) => scopes.listByResource("a,b"))).toMatchObject({ value: { items: [] } });
      expect(await both(({ scopes }) => scopes.listByResource(["a", "b"] as never))).toMatchObject({ family: "data" });
      expect(await both(({ scopes }) => scopes.findByName(["s"] as never))).toMatchObject({ family: "data" });
    },
    "mixed types in one field": async () => {
      expect(await roundTrip({ displayName: 1 })).toMatchObject(refusal("VALUE_INVALID", "displayName"));
      // A limit that another program stored as text is none: nothing is taken, on either.
      const { mongo, postgres } = rigs();
      const put = await licensed({ licenseKey: "odd", limits: { scans: 5 } });
      expect(put).toMatchObject({ value: { revision: 1n } });
      await mongo.mongo.db.collection("licenses").updateOne({ licenseKey: "odd" }, { $set: { "limits.scans": "5" } });
      const change = `update authority.licenses set limits = '{"scans": "5"}' where license_key = 'odd'`;
      await withPostgres(postgres.database.url, (client) => client.query(change));
      const asked = { licenseKey: "odd", metric: "scans", period: "p", n: 1n, at: noon };
      for (const rig of [mongo, postgres])
        await expect(rig.at("acme").licenses.consume(asked)).rejects.toMatchObject({ code: "LICENSE_METRIC" });
      expect(await both(({ licenses }) => licenses.findByKey("odd"))).toMatchObject({ value: { usage: [] } });
    },
    "text order": async () => {
      const made = textsInDisorder.map((name) => scope({ name, resources: ["r"] }));
      await both(async ({ scopes }) => {
        for (const one of made) await scopes.put(one, 0n);
      });
      expect(await both(({ scopes }) => scopes.listByResource("r"))).toMatchObject({
        value: { items: textsInOrder.map((name) => ({ name })) },
      });
    },
    "case-insensitive match": async () => {
      const one = user({ username: "Straße Ångström İ", email: null });
      await both(({ users }) => users.put(one, 0n));
      for (const name of ["STRASSE ÅNGSTRÖM İ", "straße ångström i̇", "Straße A\u030angstro\u0308m İ"]) {
        const found = await both(({ users }) => users.findByUsername(name));
        // Folding is by lower case: a letter that only upper case tells apart stays another.
        expect(found).toMatchObject({ value: name.includes("SS") ? null : { id: one.id } });
      }
      const taken = user({ username: one.username.toLowerCase(), email: null });
      expect(await both(({ users }) => users.put(taken, 0n))).toMatchObject({
        constraint: "uq_users_username_folded",
      });
    },
    "ties in a sort": async () => {
      const tied = Array.from({ length: 7 }, (_, i) => token({ id: newIds[i]!, subject: "s", issuedAt: noon }));
      await both(async ({ tokens }) => {
        for (const one of tied) await tokens.put(one, 0n);
      });
      await samePages(on, { count: 7, page: ({ tokens }, request) => tokens.listBySubject("s", request) });
    },
    "null in an IN list": async () => {
      const asked = { accountId: "a", clientId: "c", scopes: [null as never] };
      expect(await both(({ serviceAccounts }) => serviceAccounts.authorize(asked))).toMatchObject({ family: "data" });
    },
    "duplicate key": () =>
      duplicateKey(on, {
        make: user,
        put: ({ users }, one) => users.put(one, 0n),
        field: "email",
        constraint: "uq_users_email_folded",
      }),
    "unique only after index exists": () =>
      indexGone(on, { table: "users", index: "uq_users_username_folded", open: openAuthority }),
    "long key in an index": async () => {
      const one = { username: longText(200), email: longText(320) };
      expect(await roundTrip(one)).toMatchObject({ value: one });
      expect(await both(({ users }) => users.findByEmail(one.email))).toMatchObject({ value: one });
      const usage = [{ metric: longText(100), period: longText(40), used: 1n }];
      expect(await licensed({ usage })).toMatchObject({ value: { usage } });
    },
    "second null under a unique key": async () => {
      await both(async ({ users, tokens }) => {
        for (let i = 0; i < 3; i += 1) {
          await users.put(user({ id: newIds[i]!, username: `u${i}`, email: null }), 0n);
          await tokens.put(token({ id: newIds[i]!, tokenId: `t${i}`, referenceHash: null }), 0n);
        }
      });
      expect(await both(async ({ users }) => (await users.list()).items.length)).toEqual({ value: 3 });
    },
    "uniqueness inside an embedded array": async () => {
      const used = { metric: "m", period: "p", used: 1n };
      expect(await licensed({ usage: [used, { ...used }] })).toMatchObject({ value: { usage: [used] } });
      expect(await licensed({ usage: [used, { ...used, used: 2n }] })).toMatchObject(
        refusal("VALUE_DUPLICATE", "usage.1"),
      );
    },
    "unordered bulk refused half-way": async () => {
      const stored = loginAttempt();
      await both(({ loginAttempts }) => loginAttempts.append([stored]));
      const batch = [...newIds.map((id) => loginAttempt({ id })), loginAttempt({ id: stored.id })];
      expect(await both(({ loginAttempts }) => loginAttempts.append(batch))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
      expect(await both(async ({ loginAttempts }) => (await loginAttempts.list()).items.length)).toEqual({ value: 1 });
    },
  };
};

/** The same for both databases. */
const newIds = Array.from({ length: 9 }, newId);
