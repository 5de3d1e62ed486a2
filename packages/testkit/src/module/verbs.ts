import type { ModuleWiring } from "@stellaops/cutover/open";
import { expect, it } from "vitest";
import type { Commands } from "./commands.ts";

type Kinds = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Every verb of a module as `<repository>.<verb>`, or those of one kind. */
export const verbsOf = <R>({ verbs }: Pick<ModuleWiring<R>, "verbs">, kind?: "read" | "write"): readonly string[] =>
  Object.entries(verbs as Kinds)
    .flatMap(([name, kinds]) =>
      Object.entries(kinds).flatMap(([verb, is]) => (kind === undefined || is === kind ? [`${name}.${verb}`] : [])),
    )
    .toSorted();

export function verbsSuite<R>(wiring: ModuleWiring<R>, { reads, writes }: Commands): void {
  it("the differential knows every verb, and which of them write", () => {
    expect(Object.keys(reads).toSorted()).toEqual(verbsOf(wiring, "read"));
    expect(Object.keys(writes).toSorted()).toEqual(verbsOf(wiring, "write"));
  });
}
