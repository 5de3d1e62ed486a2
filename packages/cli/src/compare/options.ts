export interface CompareRunOptions {
  readonly module: string;
  readonly receipt?: string;
  readonly tenant?: string;
  readonly only?: readonly string[];
  readonly workers?: number;
}

/** Which findings are shown. */
export interface CompareShowOptions {
  readonly module: string;
  /** Of this file; the last comparison when left out. */
  readonly receipt?: string;
  readonly class?: readonly string[];
  readonly aggregate?: readonly string[];
  readonly tenant?: string;
  readonly limit?: number;
}

export interface VerifyReceiptOptions {
  readonly module?: string;
}
