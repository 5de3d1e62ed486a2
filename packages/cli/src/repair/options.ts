export interface RepairOptions {
  readonly module: string;
  readonly dryRun?: boolean;
}
