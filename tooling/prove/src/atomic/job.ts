import type { Urls } from "../rig.ts";

/** Where the modules are while their verbs are tried: in one database for good, or wherever the stage record says. */
export type Place = "mongo" | "postgres" | "live";

/** What a process is told to do. */
export interface Job {
  readonly place: Place;
  /** By the module's name. */
  readonly modules: Readonly<Record<string, Pick<Urls, "app" | "mongo"> & { readonly database: string }>>;
  /** By the scene's name: how many callers. */
  readonly scenes: Readonly<Record<string, number>>;
  /** Of the process in this place; no other ever has it. */
  readonly name: string;
  readonly journal: string;
  readonly seed: number;
  readonly sabotage: string | null;
  /** What the callers take for now, and at which moment of the machine's clock: equal in all processes. */
  readonly clock: { readonly now: number; readonly moment: number };
}

export type FromParent = Job | "go" | "stop";

export type FromWorker =
  | { readonly kind: "loaded" | "open" }
  /** It has something that another would like to have. */
  | { readonly kind: "holds"; readonly what: string }
  | { readonly kind: "done"; readonly tries: Tries };

/** How often units of a verb began, and how many were in vain, by the code of the error. */
export type Tries = Readonly<
  Record<string, { readonly begun: number; readonly failed: Readonly<Record<string, number>> }>
>;
