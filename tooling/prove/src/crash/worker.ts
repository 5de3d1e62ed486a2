import { once } from "node:events";
import { killAt } from "@stellaops/cutover";
import type { Job } from "./job.ts";
import { connect } from "./connect.ts";
import { works } from "./works.ts";

/** One process of the experiment: it has loaded everything and waits for its job, so that a death costs no start. */
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit(1));
process.send?.("ready");
const [message] = (await once(process, "message")) as [Job];
const { point, times, work } = message;
await using places = connect(message);
await works[work.kind]({ ...message, work: work as never }, places, killAt(point, times));
// It came to its end, and not to its point: whoever started it has to know.
process.send?.("ended");
