export interface StageOptions {
  readonly module: string;
  readonly stage?: string;
  readonly to?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly revert?: boolean;
  readonly force?: boolean;
  /** Instances stated to have ended. */
  readonly gone?: readonly string[];
  readonly withPrimary?: boolean;
  readonly watch?: boolean;
  /** Views until a watch ends by itself. */
  readonly times?: number;
  readonly minShadowReads?: number;
}
