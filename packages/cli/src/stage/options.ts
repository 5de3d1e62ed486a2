export interface StageOptions {
  readonly module: string;
  readonly stage?: string;
  readonly to?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly revert?: boolean;
}
