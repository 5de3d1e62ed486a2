import type { Rig } from "./rig.ts";
import type { Row } from "./row.ts";

export interface Setting {
  /** Fresh databases. */
  readonly rig: Rig;
  /** Rounds of an interleaved measurement. */
  readonly rounds: number;
  /** A million rows where the default is fewer. */
  readonly full: boolean;
  readonly log: (line: string) => void;
}

export type Experiment = (setting: Setting) => Promise<readonly Row[]>;
