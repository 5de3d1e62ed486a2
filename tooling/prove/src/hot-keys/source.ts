import { seededIds, systemClock } from "@stellaops/kernel";
import type { Source } from "@stellaops/vuln";

export interface Key {
  readonly id: string;
  readonly key: string;
}

export const keysOf = (count: number, seed: number): readonly Key[] => {
  const ids = seededIds(systemClock, seed);
  return Array.from({ length: count }, (_, i) => ({ id: ids.next(), key: `key-${i}` }));
};

const epoch = new Date("2026-01-01T00:00:00.000Z");
export const sourceOf = ({ id, key }: Key, name: string): Source => ({
  id,
  key,
  name,
  kind: "prove",
  url: null,
  priority: 1,
  enabled: true,
  config: {},
  createdAt: epoch,
  updatedAt: epoch,
});
