import type { Json } from "@stellaops/kernel";

/** What the module `vuln` calls a source, for those who test what that module is built upon. */
export interface SourceContent {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  readonly url: string | null;
  readonly priority: number;
  readonly enabled: boolean;
  readonly config: Json;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const at = new Date("2026-01-02T03:04:05.678Z");

/** A source that nothing is special about; its key is its own as long as its id is. */
export const aSource = (id: string, over: Partial<SourceContent> = {}): SourceContent => ({
  id,
  key: `source ${id}`,
  name: "A feed",
  kind: "osv",
  url: null,
  priority: 1,
  enabled: true,
  config: {},
  createdAt: at,
  updatedAt: at,
  ...over,
});
