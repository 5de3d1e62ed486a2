import type { FaultPoint, Stage } from "@stellaops/cutover";
import type { Urls } from "../rig.ts";

/** What one process is to do until it is killed at its point. */
export interface Job {
  readonly work: Work;
  readonly point: FaultPoint;
  /** It dies when it comes to the point for the so-manieth time. */
  readonly times: number;
  readonly sabotage: string | null;
  readonly urls: Urls;
  /** The module's database on MongoDB. */
  readonly database: string;
  /** Where a service writes down what it was told. */
  readonly journal: string;
  /** Of its load. */
  readonly name: string;
  readonly seed: number;
}

export type Work =
  | { readonly kind: "serve" }
  | { readonly kind: "change"; readonly to: Stage }
  /** Its drain fails, so that it takes the change back. */
  | { readonly kind: "revert"; readonly to: Stage }
  | { readonly kind: "backfill" }
  | { readonly kind: "purge" }
  | { readonly kind: "adopt" }
  | { readonly kind: "repair" };
