import type { Scope } from "@stellaops/cutover/open";

/** One call of a verb that touches `n` things, after whatever it needs has been stored. */
export interface Call<R> {
  readonly prepare?: (scope: Scope<R>, n: number) => Promise<unknown>;
  readonly run: (scope: Scope<R>, n: number, prepared: never) => Promise<unknown>;
}

/** Every verb once, by `<repository>.<verb>`. */
export type Calls<R> = Readonly<Record<string, Call<R>>>;

/** What a module writes its calls with: `call` hands what it prepared to what it runs. */
export const callsOf = <R>() => ({
  plain: (run: (scope: Scope<R>, n: number) => Promise<unknown>): Call<R> => ({ run }),
  call: <T>(
    prepare: (scope: Scope<R>, n: number) => Promise<T>,
    run: (scope: Scope<R>, n: number, prepared: T) => Promise<unknown>,
  ): Call<R> => ({ prepare, run }),
});
