export { startCapture } from "./capture.ts";
export type { Capture, CaptureOptions } from "./capture.ts";
export { drainedWithCapture } from "./drained.ts";
export { awaitCapture } from "./marks.ts";
export { catchUpOn, rescan } from "./rescan.ts";
export type { Rescanned, RescanOptions } from "./rescan.ts";
export { captureState, coverLoss, isUncovered, lossMark } from "./state.ts";
export type { CaptureLoss, CaptureState } from "./state.ts";
