import { expect, test } from "vitest";
import type { Repositories } from "../src/module/backend.ts";
import { scopesOf } from "../src/module/scope.ts";
import type { Runner } from "../src/module/runner.ts";

interface Things {
  readonly things: { get(id: string): Promise<string>; put(id: string): Promise<string> };
}
const verbs = { things: { get: "read", put: "write" } } as const;

const asked: string[] = [];
/** What is behind the scope has more than is declared. */
const bound: Repositories = () => ({
  get: (id: string) => Promise.resolve(`got ${id}`),
  put: (id: string) => Promise.resolve(`put ${id}`),
  hidden: () => Promise.resolve("hidden"),
});
const runner: Runner = {
  verb(tenant, { kind, name }, work) {
    asked.push(`${tenant} ${kind} ${name}`);
    return work(bound);
  },
  transaction: (_tenant, work) => work(bound),
};
const scopes = scopesOf<Things>({ verbs, system: { due: { get: "read" } } }, runner);

test("a scope has the declared verbs and nothing else, and tells of each whether it writes", async () => {
  const { things } = scopes.tenant("acme");
  expect(Object.keys(things)).toEqual(["get", "put"]);
  expect(await things.get("1")).toBe("got 1");
  expect(await things.put("1")).toBe("put 1");
  await scopes.shared().things.get("1");
  expect(asked).toEqual(["acme read things.get", "acme write things.put", "@global read things.get"]);
  await scopes.tenant("acme").transaction((repositories) => {
    expect(Object.keys(repositories.things)).toEqual(["get", "put"]);
    return Promise.resolve();
  });
});

test("the tenant is checked when the scope is made, and a scope is made once", () => {
  for (const [id, code] of [
    ["", "TENANT_MISSING"],
    ["@global", "TENANT_RESERVED"],
    ["No Tenant", "TENANT_INVALID"],
  ] as const)
    expect(() => scopes.tenant(id)).toThrow(expect.objectContaining({ code, family: "data" }));
  expect(scopes.tenant("acme")).toBe(scopes.tenant("acme"));
  expect(scopes.tenant("other")).not.toBe(scopes.tenant("acme"));
});

test("what serves all tenants reads in the shared scope, and is reached there only", async () => {
  asked.length = 0;
  const { due } = scopes.system() as { readonly due: Things["things"] };
  expect(Object.keys(due)).toEqual(["get"]);
  expect(await due.get("1")).toBe("got 1");
  expect(asked).toEqual(["@global read system.due.get"]);
  for (const scope of [scopes.tenant("acme"), scopes.shared()]) expect(Object.keys(scope)).not.toContain("due");
  await scopes.tenant("acme").transaction(async (unit) => expect(Object.keys(unit)).toEqual(["things"]));
  expect(scopesOf<Things>({ verbs }, runner).system()).toEqual({});
});
