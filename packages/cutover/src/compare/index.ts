export type { CompareProgress } from "./aggregate.ts";
export { cannotSee } from "./cannot-see.ts";
export { compareModule } from "./compare.ts";
export type { CompareOptions } from "./compare.ts";
export { findingsOf } from "./comparison.ts";
export type { AggregateComparison, Both, Comparison, Finding, FindingClass, FindingPath } from "./comparison.ts";
export { receiptOf, receiptText, verifyReceipt } from "./receipt.ts";
export type { Receipt } from "./receipt.ts";
