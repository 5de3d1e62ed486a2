import type { Aggregate } from "./aggregate.ts";

/** What is made from a definition, made once a process. */
export function perAggregate<T>(make: (definition: Aggregate) => T): (definition: Aggregate) => T {
  const made = new WeakMap<Aggregate, { readonly value: T }>();
  return (definition) => {
    let entry = made.get(definition);
    if (entry === undefined) made.set(definition, (entry = { value: make(definition) }));
    return entry.value;
  };
}
