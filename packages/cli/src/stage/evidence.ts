import type { guardOf } from "@stellaops/cutover";

export type Guard = ReturnType<typeof guardOf>;
export type Evidence = Awaited<ReturnType<Guard>>;
export type Check = Evidence["checks"][number];
