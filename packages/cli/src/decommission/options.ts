export interface DecommissionOptions {
  readonly module: string;
  readonly out?: string;
  /** Milliseconds. */
  readonly observe: number;
  readonly gone?: readonly string[];
  readonly drop?: boolean;
  readonly undo?: boolean;
  readonly yes?: boolean;
  readonly by?: string;
  readonly dryRun?: boolean;
}

export interface RestoreOptions {
  readonly module: string;
  readonly from: string;
  readonly dryRun?: boolean;
}
