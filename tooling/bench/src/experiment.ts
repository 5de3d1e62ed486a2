import type { Rig } from "./rig.ts";
import type { Row } from "./row.ts";

export interface Setting {
  /** Fresh databases. */
  readonly rig: Rig;
  /** Fresh databases beside them, on the same servers. */
  readonly another: () => Promise<Rig>;
  /** Rounds of an interleaved measurement. */
  readonly rounds: number;
  /** A million rows where the default is fewer; minutes of a load where the default is seconds. */
  readonly full: boolean;
  readonly log: (line: string) => void;
}

export type Experiment = (setting: Setting) => Promise<readonly Row[]>;
