import { childrenOf, fieldsOf } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { notify } from "../src/index.ts";
import { channel } from "./routing/samples.ts";

/** Words that a column of a secret would be called by. */
const suspicious = /secret|token|password|passwd|credential|api_?key|private|hash|auth|sign|cert|bearer|cookie/i;

/** What those that sound like one may hold instead. */
const harmless: Readonly<Record<string, string>> = {
  "channels.secretRef": "the name of a secret in a secret store: src/domain/secret-refs.ts refuses anything else",
  "escalation_states.ackTokenHash": "SHA-256 of a random token, in a field that refuses anything else",
  "deliveries.payloadHash": "SHA-256 of what is sent, which is stored beside it",
  "locks.fencingToken": "a number that only grows",
};

const all = notify.aggregates.flatMap(({ table, shape }) => [
  ...fieldsOf(shape).map(({ name, field }) => ({ name: `${table}.${name}`, field })),
  ...childrenOf(shape).flatMap(({ child }) =>
    fieldsOf(child.fields).map(({ name, field }) => ({ name: `${child.table}.${name}`, field })),
  ),
]);

describe("no secret in any table", () => {
  it("fields that sound like a secret hold a reference or a hash", () => {
    const found = all.filter(({ name }) => suspicious.test(name)).map(({ name }) => name);
    expect(found.toSorted()).toEqual(Object.keys(harmless).toSorted());
  });

  it("fields that are secret hold SHA-256 alone", () => {
    const secrets = all.filter(({ field }) => field.kind === "secret");
    expect(secrets.map(({ name }) => name)).toEqual(["escalation_states.ackTokenHash"]);
    for (const { field } of secrets) {
      expect(field.form).toBe("sha256");
      expect(field.schema.safeParse("the token itself").success).toBe(false);
      expect(field.schema.safeParse("0".repeat(64)).success).toBe(true);
    }
  });

  it("a channel's sample names its secret and does not hold it", () => {
    expect(channel().secretRef ?? "vault://none").toMatch(/^(vault|env):/);
  });
});
