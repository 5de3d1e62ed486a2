import { definitions, text } from "@stellaops/kernel";
import { openPolicy, type Pack, type PackVersion, type Policy, type PolicyException } from "@stellaops/policy";
import { expect, it } from "vitest";
import type { DB } from "../src/postgres/generated/database.ts";
import { completion, noon } from "./samples.ts";

/** What must not compile. The compiler checks this file with the others (`tsc -b`): a line that compiles after all is its error. */
export async function mustNotCompile(
  policy: Policy,
  { pack, version, exception }: { pack: Pack; version: PackVersion; exception: PolicyException },
): Promise<void> {
  const acme = policy.tenant("acme");

  // @ts-expect-error no repository without a tenant
  await policy.packs.get("x");
  // @ts-expect-error another aggregate
  await acme.packs.put(version, 0n);
  // @ts-expect-error there is no generic query
  await acme.packVersions.find({ status: "published" });
  // @ts-expect-error a publication is somebody's
  await acme.packVersions.publish({ id: "x", at: noon });
  // @ts-expect-error a revision is a bigint
  await acme.packVersions.publish({ id: "x", by: "ada", at: noon, expected: 1 });
  // @ts-expect-error a version is activated by its name and pack
  await acme.packs.activate({ id: "x", at: noon });
  // @ts-expect-error runs begin by start
  await acme.evaluationRuns.put(pack, 0n);
  // @ts-expect-error a completion is an end
  await acme.evaluationRuns.complete({ ...completion("x"), state: "running" });
  // @ts-expect-error append-only records are not put
  await acme.explanations.put(pack, 0n);
  // @ts-expect-error nor deleted one by one
  await acme.explanations.delete("x", 1n);
  // @ts-expect-error exceptions are never deleted
  await acme.exceptions.delete("x", 1n);
  // @ts-expect-error no such status
  await acme.exceptions.transition({ id: "x", from: "draft", to: "approved", at: noon });
  // @ts-expect-error an instant is a Date
  await acme.exceptions.expireDue("2026-03-01", 1);
  // @ts-expect-error no such effect
  const effected: PolicyException = { ...exception, effect: "ignore" };
  // @ts-expect-error the content hash is computed, never given
  const hashed: PackVersion = { ...version, contentHash: "x" };
  // @ts-expect-error a stage is a known word
  await openPolicy({ stage: "dual" });

  const { aggregate } = definitions<DB>("policy");
  // @ts-expect-error no table of that name
  aggregate("pack", "pack", {});
  // @ts-expect-error a definition that lacks columns
  aggregate("audit", "entry", { actor: text() });

  void [effected, hashed];
}

it("types: what must not compile is checked by the compiler", () => {
  expect(mustNotCompile).toBeTypeOf("function");
});
