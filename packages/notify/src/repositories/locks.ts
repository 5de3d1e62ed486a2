import type { Locks as LeaseLocks } from "@stellaops/kernel";
import type { locks } from "../aggregates.ts";

/** Locks under a lease, each with a fencing token that only grows. */
export interface Locks extends LeaseLocks<typeof locks> {}
