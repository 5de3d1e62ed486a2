import type { Node, RangeVar } from "libpg-query";

/** Every node below, the given one included, with the name of its kind. */
export function* walk(
  tree: unknown,
): Generator<{ readonly kind: string; readonly value: Readonly<Record<string, unknown>> }> {
  if (Array.isArray(tree)) {
    for (const one of tree) yield* walk(one);
  } else if (isObject(tree)) {
    for (const [name, value] of Object.entries(tree)) {
      if (/^[A-Z]/.test(name) && isObject(value)) yield { kind: name, value };
      yield* walk(value);
    }
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The texts of a list of String nodes: a qualified name, the columns of a key. */
export const texts = (nodes: readonly Node[] | undefined): readonly string[] =>
  (nodes ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []));

/** `schema.table`; a name without schema is the module's, by the search path. */
export const tableOf = (range: RangeVar | undefined, schema: string): string =>
  `${range?.schemaname ?? schema}.${range?.relname ?? ""}`;

/** The same for the objects of a DROP. */
export const objectsOf = (objects: readonly Node[] | undefined, schema: string): readonly string[] =>
  (objects ?? []).map((object) => {
    const parts = partsOf(object);
    return parts.length === 1 && !("String" in object) ? `${schema}.${parts[0]}` : parts.join(".");
  });

function partsOf(object: Node): readonly string[] {
  if ("List" in object) return texts(object.List.items);
  if ("TypeName" in object) return texts(object.TypeName.names);
  if ("ObjectWithArgs" in object) return texts(object.ObjectWithArgs.objname);
  return texts([object]);
}

/** Names of the functions called anywhere below, without their schema. */
export const callsIn = (tree: unknown): ReadonlySet<string> =>
  new Set(
    [...walk(tree)].flatMap(({ kind, value }) =>
      kind === "FuncCall" ? [texts(value["funcname"] as Node[]).at(-1) ?? ""] : [],
    ),
  );
