import type { OpenModule } from "@stellaops/cutover/open";
import type { Sink } from "./start.ts";

interface Reader {
  get(id: string): Promise<{ readonly revision: bigint } | null>;
}

/** All that loads were answered, in whatever process. */
export class Told implements Sink {
  readonly #acknowledged = new Map<string, Map<string, bigint | null>>();
  readonly #given = new Map<string, number>();

  tell(tenant: string, key: string, revision: bigint | null): void {
    this.acknowledged(tenant).set(key, revision);
  }

  once(tenant: string, thing: string): void {
    const name = `${tenant}: ${thing}`;
    this.#given.set(name, (this.#given.get(name) ?? 0) + 1);
  }

  acknowledged(tenant: string): Map<string, bigint | null> {
    const of = this.#acknowledged.get(tenant) ?? new Map<string, bigint | null>();
    this.#acknowledged.set(tenant, of);
    return of;
  }

  /** How many things were given to one alone, so far. */
  given(): number {
    return this.#given.size;
  }

  /** What was given more than once, by tenant and name. */
  doubled(): readonly string[] {
    return [...this.#given].flatMap(([name, times]) => (times > 1 ? [`${name}: given ${times} times`] : []));
  }

  /** Acknowledged writes that are not stored as they were acknowledged. */
  async missing<R>(module: OpenModule<R>, tenant: string): Promise<readonly string[]> {
    const scope = module.tenant(tenant) as unknown as Readonly<Record<string, Reader>>;
    const faults: string[] = [];
    for (const [key, revision] of this.acknowledged(tenant)) {
      const [name = "", id = ""] = key.split("/");
      const stored = (await scope[name]!.get(id))?.revision ?? null;
      if (stored !== revision) faults.push(`${key}: acknowledged at ${revision}, stored at ${stored}`);
    }
    return faults;
  }
}
