import type { Aggregate } from "@stellaops/kernel";
import { documentCodec, type DocumentCodec } from "./codec.ts";
import { listOf, type Direction, type List } from "./pages.ts";

/** What is made from the definition once a process. */
export interface Table<A extends Aggregate> {
  readonly definition: A;
  readonly codec: DocumentCodec<A>;
  readonly byId: List;
  list(name: string, options: { readonly order: readonly string[]; readonly direction?: Direction }): List;
}

export const table = <A extends Aggregate>(definition: A): Table<A> => ({
  definition,
  codec: documentCodec(definition),
  byId: listOf(definition, "list", []),
  list: (name, { order, direction }) => listOf(definition, name, order, direction),
});
