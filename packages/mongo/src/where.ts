import type { Document } from "mongodb";

/**
 * Filters and updates over the fields of one aggregate. The driver's own `Filter` and `StrictFilter` accept any unknown key
 * (tried with mongodb 7.9), so a misspelt field would match nothing in silence.
 */
interface Compare<V> {
  readonly $eq?: V;
  readonly $ne?: V;
  readonly $in?: readonly V[];
  readonly $lt?: V;
  readonly $lte?: V;
  readonly $gt?: V;
  readonly $gte?: V;
}

type Condition<V> =
  | V
  | Compare<V>
  | (V extends readonly (infer E)[]
      ? { readonly $elemMatch: E extends object ? Where<E> : Compare<E> } | { readonly $all: readonly E[] }
      : never);

export type Where<D> = { readonly [K in keyof D]?: Condition<D[K]> } & {
  /** For what only an expression can say; its paths are not checked. */
  readonly $expr?: Document;
  readonly $or?: readonly Where<D>[];
  readonly $and?: readonly Where<D>[];
};

/** Every field is named, so that a misspelt one is an error also where no field is a number. */
type Numbers<D> = { readonly [K in keyof D]?: D[K] extends bigint | number ? D[K] : never };

export interface Change<D> {
  readonly $set?: Partial<D>;
  readonly $inc?: Numbers<D>;
}
