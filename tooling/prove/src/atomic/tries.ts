import type { Backends, Seams } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { idle } from "../flips/sabotage.ts";
import type { Tries } from "./job.ts";

type Backend = Backends["mongo"];
type Repositories = Parameters<Parameters<Backend["single"]>[1]>[0];

/** Counts how often units begin and how they fail, under the name of the first verb that they use. */
export class TryCounter {
  readonly #tries: Record<string, { begun: number; failed: Record<string, number> }> = {};

  get tries(): Tries {
    return this.#tries;
  }

  through({ mongo, postgres }: Backends): Backends {
    return { mongo: this.#counting(mongo), postgres: this.#counting(postgres) };
  }

  #counting({ single, transaction }: Backend): Backend {
    const counted =
      (run: Backend["single"]): Backend["single"] =>
      async (access, work) => {
        let first: string | null = null;
        try {
          return await run(access, (repositories) =>
            work(watched(repositories, (name) => (first ??= this.#begun(name)))),
          );
        } catch (error) {
          if (first !== null) this.#failed(first, codeOf(error) ?? "UNCODED");
          throw error;
        }
      };
    return { single: counted(single), transaction: counted(transaction) };
  }

  #of(name: string) {
    return (this.#tries[name] ??= { begun: 0, failed: {} });
  }

  #begun(name: string): string {
    this.#of(name).begun += 1;
    return name;
  }

  #failed(name: string, code: string): void {
    const { failed } = this.#of(name);
    failed[code] = (failed[code] ?? 0) + 1;
  }
}

/** Tells which verb is asked for; the first of a unit names it. */
const watched =
  (repositories: Repositories, used: (name: string) => void): Repositories =>
  (name) =>
    new Proxy(repositories(name), {
      get(target, verb) {
        const member: unknown = Reflect.get(target, verb);
        if (typeof member !== "function") return member;
        used(`${name}.${String(verb)}`);
        return member.bind(target) as unknown;
      },
    });

export const seamsOf = (sabotage: string | null, counter: TryCounter): Seams => ({
  backends: (backends) => counter.through(backends),
  ...(sabotage === "no-drain" ? { replicas: idle } : {}),
});
