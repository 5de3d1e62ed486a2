import { backfill, situationOf, viewOf } from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import { connect } from "../crash/connect.ts";
import type { Job } from "./job.ts";
import { broken, brokenSides } from "./sabotage.ts";

/** A process that copies, as `stella-data backfill run` does; killed without warning by the experiment. */
process.once("disconnect", () => process.exit(1));
const job = JSON.parse(process.argv[2] ?? "{}") as Job;
const { sides, replicas, progress } = connect(job);
await backfill({
  module: vuln,
  replicas: broken(replicas, job.sabotage),
  sides: brokenSides(sides, job.sabotage),
  progress,
  view: async () => viewOf((await situationOf(sides)).at),
  rate: job.rate,
  batch: 200,
  rangeSize: job.rangeSize,
  leaseMs: job.leaseMs,
  onProgress: () => void process.send?.("page"),
});
process.exit();
