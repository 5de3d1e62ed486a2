import { setTimeout as wait } from "node:timers/promises";
import type { Proxy } from "@stellaops/testkit/proxy";

/** How a secondary goes away, for as long as `until` is not given. */
export type Way = (proxy: Proxy, until: AbortSignal) => Promise<void>;

export const ways: Readonly<Record<string, Way>> = {
  hanging: (proxy) => now(() => proxy.hang()),
  async reset(proxy, until) {
    while (!until.aborted) {
      proxy.reset();
      await wait(100, undefined, { signal: until }).catch(() => undefined);
    }
  },
  "5 s late": (proxy) => now(() => proxy.delay(5_000)),
  stopped: (proxy) => now(() => proxy.cut()),
};

const now = (take: () => void): Promise<void> => {
  take();
  return Promise.resolve();
};
