import { canonicalJson, cleanJson, type Json } from "@stellaops/kernel";
import { jsonArbitrary } from "@stellaops/testkit";
import { hazardsSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Advisory } from "../src/aggregates.ts";
import { elsewhere } from "./hazards/elsewhere.ts";
import { advisoriesOn } from "./hazards/on.ts";
import { stores } from "./hazards/stores.ts";
import { values } from "./hazards/values.ts";
import { advisory, day } from "./samples.ts";

hazardsSuite(wiring, {
  here: 29,
  cases: (on) => ({ ...values(advisoriesOn(on)), ...stores(advisoriesOn(on)), ...elsewhere }),
  beside: ({ rigs }) => {
    it("hazard any payload: comes back byte for byte in canonical form, from both", async () => {
      const property = fc.asyncProperty(
        fc.array(jsonArbitrary(), { minLength: 20, maxLength: 20 }),
        async (payloads) => {
          const batch = payloads.map((raw) => advisory({ raw: raw as never, modifiedAt: day(1) }));
          const hashes = (found: readonly Advisory[]) =>
            new Map(found.map(({ id, raw }) => [id, canonicalJson(raw as Json)]));
          const clean = payloads.map((payload) => {
            const result = cleanJson(payload);
            return "value" in result ? canonicalJson(result.value) : result.fault.code;
          });
          for (const rig of [rigs().postgres, rigs().mongo]) {
            await rig.at("acme").advisories.ingestBatch(batch);
            const stored = hashes((await rig.at("acme").advisories.list({ limit: 1_000 })).items);
            expect(batch.map(({ id }) => stored.get(id))).toEqual(clean);
            await rig.reset();
          }
        },
      );
      const options = { numRuns: 25, seed: Number(process.env.STELLA_SEED ?? 20_260_302) };
      await expect(fc.assert(property, options)).resolves.toBeUndefined();
    });
  },
});
