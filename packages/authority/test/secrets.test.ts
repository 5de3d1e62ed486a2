import { inspect } from "node:util";
import {
  hashPassword,
  hashReference,
  matchesReference,
  needsRehash,
  newReference,
  verifyPassword,
  wiring,
  type AuthorityRepositories,
} from "@stellaops/authority";
import { compareModule, type Scope } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { openPostgres } from "@stellaops/postgres";
import { loginRole, roleUrl } from "@stellaops/testkit";
import { mongoRig, postgresRig, type MongoRig, type PostgresRig } from "@stellaops/testkit/module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { client, noon, phc, token, user } from "./samples.ts";

const plain = "correct horse battery staple";
const stored = phc("the stored password");
const other = phc("another password");
const reference = hashReference("the reference");

/** Everything that a log could be made of: the error with its causes and every property, and what JSON makes of it. */
const told = (error: unknown): string =>
  [
    inspect(error, { depth: null, showHidden: true, maxStringLength: null }),
    JSON.stringify(error, (_, value: unknown) =>
      value instanceof Error
        ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
        : typeof value === "bigint"
          ? String(value)
          : value,
    ),
    String(error),
  ].join("\n");

function expectSilent(text: string): void {
  for (const secret of [plain, stored, other, reference]) {
    expect(text).not.toContain(secret);
    // Nor the part of a hash that a form in front of it does not give away.
    expect(text).not.toContain(secret.slice(-20));
  }
}

type On = Scope<AuthorityRepositories>;

/** Calls that are refused with a secret in hand. */
const refusals: Readonly<Record<string, readonly [code: string, call: (on: On) => Promise<unknown>]>> = {
  "users.put with a password": ["SECRET_PLAIN", ({ users }) => users.put(user({ passwordHash: plain }), 0n)],
  "clients.put with a secret": ["SECRET_PLAIN", ({ clients }) => clients.put(client({ secretHash: plain }), 0n)],
  "clients.rotateSecret with a secret": [
    "SECRET_PLAIN",
    ({ clients }) => clients.rotateSecret({ clientId: "x", secretHash: plain, at: noon }),
  ],
  "tokens.put with a reference": ["SECRET_PLAIN", ({ tokens }) => tokens.put(token({ referenceHash: plain }), 0n)],
  "tokens.findByReference with a reference": ["SECRET_PLAIN", ({ tokens }) => tokens.findByReference(plain)],
  "tokens.redeemOnce with a reference": [
    "SECRET_PLAIN",
    ({ tokens }) => tokens.redeemOnce({ referenceHash: plain, by: "me", at: noon }),
  ],
  "tokens.put of a reference that is there": [
    "UNIQUE_VIOLATION",
    async ({ tokens }) => {
      await tokens.put(token({ referenceHash: reference }), 0n);
      await tokens.put(token({ referenceHash: reference }), 0n);
    },
  ],
  "users.put of a name that is there": [
    "UNIQUE_VIOLATION",
    async ({ users }) => {
      await users.put(user({ username: "ada", passwordHash: stored }), 0n);
      await users.put(user({ username: "ADA", passwordHash: other }), 0n);
    },
  ],
  "users.put at another revision": ["REVISION_CONFLICT", ({ users }) => users.put(user({ passwordHash: stored }), 7n)],
  "users.put with another value that is refused": [
    "VALUE_NUL",
    ({ users }) => users.put(user({ passwordHash: stored, displayName: "\0" }), 0n),
  ],
};

describe("secrets on the databases", () => {
  let rigs: readonly [PostgresRig<AuthorityRepositories>, MongoRig<AuthorityRepositories>];
  beforeAll(async () => void (rigs = await Promise.all([postgresRig(wiring), mongoRig(wiring)])));
  afterAll(() => Promise.all(rigs.map((rig) => rig.close())));

  it.each(Object.entries(refusals))("secrets: %s is refused without telling it", async (_, [code, call]) => {
    for (const rig of rigs) {
      await rig.reset();
      const error = await call(rig.at("acme")).catch((caught: unknown) => caught);
      expect(codeOf(error)).toBe(code);
      expectSilent(told(error));
    }
  });

  it("secrets: a comparison finds that hashes differ, and shows neither", async () => {
    const [postgres, mongo] = rigs;
    await Promise.all(rigs.map((rig) => rig.reset()));
    const [one, mine, issued] = [user(), client(), token()];
    const write = async (on: On, secret: string, referenceHash: string) => {
      await on.users.put({ ...one, passwordHash: secret }, 0n);
      await on.clients.put({ ...mine, secretHash: secret }, 0n);
      await on.tokens.put({ ...issued, referenceHash }, 0n);
    };
    await write(postgres.at("acme"), stored, reference);
    await write(mongo.at("acme"), other, hashReference("another reference"));
    const role = await loginRole("authority_secrets_copier", { memberOf: ["stella_replicator"], bypassRls: true });
    const copier = openPostgres({ url: roleUrl(postgres.database.url, role.name, role.password), max: 2 });
    try {
      const comparison = await compareModule({
        module: wiring,
        postgres: copier.pool,
        mongo: mongo.mongo.db,
        view: { primary: "mongo", epoch: 3n, generation: 1n },
        settleMs: 0,
      });
      const findings = comparison.aggregates.flatMap(({ aggregate, findings: of }) => of.map(() => aggregate));
      expect(findings).toEqual(["users", "clients", "tokens"]);
      const text = told(comparison);
      for (const path of ["passwordHash", "secretHash", "referenceHash"]) expect(text).toContain(path);
      expectSilent(text);
      expect(text).not.toContain(hashReference("another reference"));
      // Nor a digest: of a guessed secret one could be made and compared.
      expect(text).not.toMatch(/(?:passwordHash|secretHash|referenceHash)[^}]*sha256:/s);
    } finally {
      await copier.close();
    }
  });
});

describe("secrets by themselves", () => {
  it("hashPassword: is argon2id in PHC form, with a salt of its own, and is what repositories take", async () => {
    const [a, b] = [await hashPassword(plain), await hashPassword(plain)];
    expect(a).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    expect(a).not.toBe(b);
    expect(await verifyPassword(a, plain)).toBe(true);
    expect(await verifyPassword(a, `${plain} `)).toBe(false);
    expect(await needsRehash(a)).toBe(false);
    expect(await needsRehash(a.replace("m=19456", "m=8192"))).toBe(true);
    expect(await needsRehash(a.replace("argon2id", "argon2i"))).toBe(true);
  });

  it("verifyPassword: refuses what is no hash, and tells neither that nor the password", async () => {
    for (const hash of [plain, "", "$argon2id$", "$2b$10$abcdefghijklmnopqrstuv", `${stored}$`]) {
      const error = await verifyPassword(hash, plain).catch((caught: unknown) => caught);
      if (error === false) continue;
      expect(codeOf(error)).toBe("HASH_UNKNOWN");
      expect(told(error)).not.toContain(plain);
    }
    expect(codeOf(await verifyPassword(plain, plain).catch((caught: unknown) => caught))).toBe("HASH_UNKNOWN");
  });

  it("references: are random, stored as SHA-256, and matched as a whole", () => {
    const made = newReference();
    expect(made).toMatch(/^[\w-]{43}$/);
    expect(newReference()).not.toBe(made);
    // The vector of FIPS 180.
    expect(hashReference("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(matchesReference(hashReference(made), made)).toBe(true);
    expect(matchesReference(hashReference(made), `${made}x`)).toBe(false);
    for (const hash of ["", "abc", hashReference(made).slice(2), "zz".repeat(32)])
      expect(matchesReference(hash, made)).toBe(false);
  });
});
