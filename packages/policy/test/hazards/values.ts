import type { Json } from "@stellaops/kernel";
import { oddKeys, refusal, valueHazards } from "@stellaops/testkit/module";
import { expect } from "vitest";
import { packHash, type PackVersion } from "../../src/index.ts";
import { completion, evaluation, explanation, packVersion, rule } from "../samples.ts";
import type { On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = (on: On) => {
  const { both, roundTrip, json } = on;
  const hashOf = (compiled: Json) => packHash(packVersion({ compiled }));
  return valueHazards(on, {
    texts: ["version", "source"],
    max: 100,
    nullable: "publishedBy",
    instants: ["createdAt", "updatedAt"],
    beside: {
      "U+0000 in text or a key": async () => {
        expect(await roundTrip({ rules: [rule({ ruleKey: "\0" })] })).toMatchObject(
          refusal("VALUE_NUL", "rules.0.ruleKey"),
        );
      },
      "−0": async () => {
        // It hashes as 0, wherever it is hashed.
        expect(hashOf([-0])).toBe(hashOf([0]));
        expect(await roundTrip({ rules: [rule({ ordinal: -0 })] })).toMatchObject({
          value: { rules: [{ ordinal: 0 }] },
        });
      },
      "integers beyond 2^53": async () => {
        const start = evaluation();
        const counts = { passed: 2n ** 63n - 1n, warned: 9_007_199_254_740_993n };
        const counted = await both(async ({ evaluationRuns }) => {
          await evaluationRuns.start(start);
          return evaluationRuns.complete(completion(start.id, counts));
        });
        expect(counted).toMatchObject({ value: counts });
        const above = explanation({ ordinal: 2n ** 63n });
        expect(await both(({ explanations }) => explanations.appendBatch([above]))).toMatchObject(
          refusal("VALUE_OUT_OF_RANGE", "ordinal"),
        );
      },
      "object key order": async () => {
        const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
        const read = await json(one);
        if (!("value" in read)) throw new Error("refused");
        expect(hashOf((read.value as PackVersion).compiled as Json)).toBe(hashOf(one));
      },
      'keys "", "a.b", "$x"': async () => {
        expect(await roundTrip({ rules: [rule({ body: oddKeys })] })).toMatchObject({
          value: { rules: [{ body: oddKeys }] },
        });
      },
    },
  });
};
