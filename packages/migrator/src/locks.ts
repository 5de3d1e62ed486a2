import type { MigrationModule } from "./module.ts";

/** Data migrations may run for hours; they must not keep a service with a new startup file from starting. */
export const dataLock = (module: MigrationModule): string => `${module.schema}/data`;
