import type { Urls } from "../rig.ts";

/** What a process that copies is told. */
export interface Job {
  readonly urls: Urls;
  readonly database: string;
  /** Keys a second. */
  readonly rate: number | null;
  readonly rangeSize: number;
  readonly leaseMs: number;
  readonly sabotage: string | null;
}
