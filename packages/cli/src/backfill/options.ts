export interface BackfillOptions {
  readonly module: string;
}

export interface BackfillRunOptions extends BackfillOptions {
  readonly dryRun?: boolean;
  readonly workers?: number;
  readonly rate?: number;
}
