import type { Category } from "./files/name.ts";

/** What a run tells while it goes; each event is sent before the next thing is done. */
export type MigrationEvent =
  | { readonly kind: "waiting"; readonly lock: string }
  | { readonly kind: "file"; readonly file: string; readonly category: Category; readonly resumed: boolean }
  | { readonly kind: "statement"; readonly file: string; readonly line: number }
  /** About to commit, or to record a statement that ran outside a transaction. */
  | { readonly kind: "recording"; readonly file: string }
  | { readonly kind: "rebuilding"; readonly file: string; readonly index: string }
  | { readonly kind: "batch"; readonly file: string; readonly rows: number; readonly rowsDone: bigint }
  | { readonly kind: "applied"; readonly file: string; readonly durationMs: number };

export type OnEvent = (event: MigrationEvent) => void;
