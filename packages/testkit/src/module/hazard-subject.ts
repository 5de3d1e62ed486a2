import type { Scope } from "@stellaops/cutover/open";
import type { Outcome } from "../contract.ts";
import type { Hazard } from "./hazard-list.ts";
import type { Both } from "./hazards.ts";

/** Resolves to nothing where both databases do the same. */
export type HazardCase = () => Promise<void>;

/** An aggregate that values go into and come out of. */
export interface HazardSubject<R, T> {
  /** A new one; two of them share no unique key. */
  make(over: Partial<T>): T;
  of(scope: Scope<R>): { put(one: T, expected: bigint): Promise<unknown>; get(id: string): Promise<T | null> };
  /** Its field of kind `json`. */
  readonly payload: keyof T & string;
}

export interface SubjectOn<R, T> extends Both<R> {
  /** Puts one and reads it back, on both. Of what it is given only the names are checked: wrong values are what it is for. */
  roundTrip(over: { readonly [K in keyof T]?: unknown }): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
  readonly payload: keyof T & string;
}

export function subjectOn<R, T extends { readonly id: string }>(
  on: Both<R>,
  { make, of, payload }: HazardSubject<R, T>,
): SubjectOn<R, T> {
  const roundTrip = (over: object): Promise<Outcome> => {
    const one = make(over);
    return on.both(async (scope) => {
      const repository = of(scope);
      await repository.put(one, 0n);
      return repository.get(one.id);
    });
  };
  return { ...on, roundTrip, json: (value) => roundTrip({ [payload]: value }), payload };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });

/** Each case, and after it what a module adds to it. */
export function extended<K extends Hazard>(
  cases: Readonly<Record<K, HazardCase>>,
  beside: Readonly<Partial<Record<NoInfer<K>, HazardCase>>>,
): Readonly<Record<K, HazardCase>> {
  const more: Readonly<Record<string, HazardCase | undefined>> = beside;
  const all = Object.entries<HazardCase>(cases).map(([name, one]): [string, HazardCase] => [
    name,
    async () => {
      await one();
      await more[name]?.();
    },
  ]);
  return Object.fromEntries(all) as Record<K, HazardCase>;
}
