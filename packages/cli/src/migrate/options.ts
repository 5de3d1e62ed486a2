import type { Category } from "@stellaops/migrator";
import type { Backend } from "./targets.ts";

export interface MigrateOptions {
  readonly module: string;
  readonly backend: Backend;
  readonly category?: readonly Category[];
  readonly dryRun?: boolean;
  readonly rebuild?: boolean;
  readonly accept?: readonly string[];
  readonly forget?: readonly string[];
}
