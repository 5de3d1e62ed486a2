import { Inbox } from "./inbox.ts";
import type { FromParent, FromWorker } from "./job.ts";
import { serve } from "./serve.ts";

/** A process with callers in it: it does one job after the other, until it is killed. */
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit(1));
const inbox = new Inbox<FromParent>();
process.on("message", (message: FromParent) => inbox.put(message));
const tell = (message: FromWorker): void => void process.send?.(message);

tell({ kind: "loaded" });
for (;;) {
  const job = await inbox.next();
  if (typeof job === "object") await serve(job, { inbox, tell });
}
