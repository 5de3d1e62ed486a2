import type { Change, Where } from "@stellaops/mongo";
import { definitions, text } from "@stellaops/kernel";
import { openVuln, type Advisory, type Vuln } from "@stellaops/vuln";
import { expect, it } from "vitest";
import type { DB } from "../src/postgres/generated/database.ts";

/** What must not compile. The compiler checks this file with the others (`tsc -b`): a line that compiles after all is its error. */
export async function mustNotCompile(vuln: Vuln, advisory: Advisory): Promise<void> {
  const acme = vuln.tenant("acme");

  // @ts-expect-error no repository without a tenant
  await vuln.advisories.get("x");
  // @ts-expect-error a tenant has a name
  vuln.tenant();
  // @ts-expect-error a verb that no repository has
  await acme.advisories.findAll();
  // @ts-expect-error append-only records are not put
  await acme.mergeEvents.put(advisory, 0n);
  // @ts-expect-error nor deleted
  await acme.mergeEvents.delete("x", 1n);
  // @ts-expect-error snapshots are changed by their verbs only
  await acme.feedSnapshots.put(advisory, 0n);
  // @ts-expect-error there is no generic query
  await acme.advisories.find({ title: "x" });
  // @ts-expect-error a revision is a bigint
  await acme.advisories.put(advisory, 1);
  // @ts-expect-error another aggregate
  await acme.sources.put(advisory, 0n);
  // @ts-expect-error a package by purl, or by ecosystem and name
  await acme.advisories.findByPackage({ ecosystem: "npm" });
  // @ts-expect-error scopes do not nest
  await acme.transaction((repositories) => repositories.transaction(async () => 1));
  // @ts-expect-error no such severity
  const severe: Advisory = { ...advisory, severity: "worst" };
  // @ts-expect-error a decimal is text
  const scored: Advisory["cvss"][number] = { version: "", vector: "", baseScore: 9.8, source: null };
  // @ts-expect-error a stage is a known word
  await openVuln({ stage: "dual" });

  // @ts-expect-error a misspelt field in a filter
  const filter: Where<Advisory> = { advisorykey: "x" };
  // @ts-expect-error a value of another type
  const typed: Where<Advisory> = { title: 1 };
  // @ts-expect-error a misspelt field of a child
  const child: Where<Advisory> = { aliases: { $elemMatch: { sceme: "CVE" } } };
  // @ts-expect-error an operator that is not known
  const operator: Where<Advisory> = { title: { $regex: "x" } };
  // @ts-expect-error a misspelt field in an update
  const change: Change<Advisory> = { $set: { titel: "x" } };
  // @ts-expect-error only numbers are counted up
  const counted: Change<Advisory> = { $inc: { title: 1 } };

  const { aggregate } = definitions<DB>("vuln");
  // @ts-expect-error no table of that name
  aggregate("sorces", "source", {});
  // @ts-expect-error a definition that lacks columns
  aggregate("merge_events", "merge_event", { advisoryKey: text() });

  void [severe, scored, filter, typed, child, operator, change, counted];
}

it("types: what must not compile is checked by the compiler", () => {
  expect(mustNotCompile).toBeTypeOf("function");
});
