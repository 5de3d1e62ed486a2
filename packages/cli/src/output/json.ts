/** Plain JSON of any result: bigints as text, maps and errors not meant to be here as what they are called. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    return item instanceof Error ? `${item.name}: ${item.message}` : item;
  });
