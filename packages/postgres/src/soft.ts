import { marked, stale, unmarked, type Aggregate, type Guard, type SoftRepository } from "@stellaops/kernel";
import { PostgresRepository } from "./repository.ts";

/** For aggregates with `softFields`. */
export abstract class PostgresSoftRepository<A extends Aggregate>
  extends PostgresRepository<A>
  implements SoftRepository<A>
{
  async softDelete(id: string, expected: bigint, by: { readonly by: string; readonly at: Date }) {
    return this.#marked(expected, marked(this.definition, { id, expected }, by));
  }

  async restore(id: string, expected: bigint, by: { readonly at: Date }) {
    return this.#marked(expected, unmarked(this.definition, { id, expected }, by));
  }

  async #marked(expected: bigint, guard: Guard): Promise<bigint> {
    const changed = await this.guarded(guard);
    if (changed === null) throw stale(this.definition, expected);
    return changed.revision;
  }
}
