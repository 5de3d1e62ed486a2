import type { Aggregate, Guard, GuardedChild, Shape } from "@stellaops/kernel";
import type { Document } from "mongodb";
import { fieldValue, rowValue } from "./codec.ts";

type Loose = Readonly<Record<string, unknown>>;

export interface GuardedUpdate {
  readonly filter: Document;
  /** Without the revision. */
  readonly update: Document | readonly Document[];
}

/** Fields as their document has them. */
export function valuesOf({ shape }: Aggregate, values: Loose): Loose {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const member = (shape as Shape)[name];
      if (name !== "revision" && member === undefined) throw new TypeError(`there is no field ${name}`);
      return [name, member === undefined ? value : fieldValue(member, value)];
    }),
  );
}

/** A guarded change of one root, as one update of its document. */
export function guardedUpdate(definition: Aggregate, guard: Guard): GuardedUpdate {
  const { child } = guard;
  const differ = Object.entries(valuesOf(definition, guard.unless)).map(([name, value]) => ({
    [name]: { $ne: value },
  }));
  const own = Object.entries(valuesOf(definition, guard.where)).map(([name, value]) => ({ [name]: { $eq: value } }));
  const key = child === null ? {} : rowValue(child.child, child.key);
  const there = child === null || child.when === null ? [] : [{ [child.name]: present(key, child.when) }];
  const filter = { $and: [...own, ...differ, ...there] };
  const set = valuesOf(definition, guard.set);
  const add = valuesOf(definition, guard.add);
  const plain = {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(Object.keys(add).length > 0 && { $inc: add }),
  };
  if (child === null) return { filter, update: plain };
  if (child.put === null) return { filter, update: { ...plain, $pull: { [child.name]: key } } };
  if (child.child.children === "list")
    return { filter, update: { ...plain, $push: { [child.name]: rowValue(child.child, child.put) } } };
  return {
    filter,
    update: [{ $set: { ...literals(set), ...sums(add), [child.name]: withRow(child, child.put, key) } }],
  };
}

const present = (key: Loose, when: "absent" | "present"): Document =>
  when === "present" ? { $elemMatch: key } : { $not: { $elemMatch: key } };

const literals = (values: Loose): Document =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $literal: value }]));
const sums = (values: Loose): Document =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { $add: [`$${name}`, value] }]));

/** The set with this row in the place of the one with its key, in the order of keys. */
function withRow({ name, child }: GuardedChild, row: Loose, key: Loose): Document {
  const same = Object.entries(key).map(([field, value]) => ({ $eq: [`$$this.${field}`, { $literal: value }] }));
  const others = { $filter: { input: `$${name}`, cond: { $not: [{ $and: same }] } } };
  const sortBy = Object.fromEntries(child.key.map((field) => [field, 1]));
  return { $sortArray: { input: { $concatArrays: [others, [{ $literal: rowValue(child, row) }]] }, sortBy } };
}
