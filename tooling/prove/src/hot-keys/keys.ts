import { seededIds, systemClock } from "@stellaops/kernel";

export interface Key {
  readonly id: string;
  readonly key: string;
}

export const keysOf = (count: number, seed: number): readonly Key[] => {
  const ids = seededIds(systemClock, seed);
  return Array.from({ length: count }, (_, i) => ({ id: ids.next(), key: `key-${i}` }));
};
