import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "../../vuln/src/index.ts";
import type { Backends } from "../src/index.ts";

/**
 * A service that falls asleep (SIGSTOP, by its own hand) once, and wakes when it is told to: as a writer between learning its stage and its
 * first statement, as a reader between the answer and the moment it counts. What its call gave it tells in one line.
 */
const { WORK = "", SERVICE = "", MONGO = "", ID = "" } = process.env;
const [postgres, mongo] = [openPostgres({ url: SERVICE }), openMongo({ url: MONGO })];
let ready = false;
function sleep(): void {
  if (!ready) return;
  ready = false;
  process.stdout.write("asleep\n", () => {});
  process.kill(process.pid, "SIGSTOP");
}
const sleepy = (backend: Backends["mongo"]): Backends["mongo"] => ({
  ...backend,
  async single(access, work) {
    const answer = await backend.single(access, work);
    sleep();
    return answer;
  },
});
const vuln = await openVuln({
  postgres,
  mongo,
  stage: "record",
  instance: "sleeper",
  seams:
    WORK === "write"
      ? { faults: { at: (point) => (point === "unit-begun" ? sleep() : undefined) } }
      : { backends: ({ mongo: a, postgres: b }: Backends) => ({ mongo: sleepy(a), postgres: sleepy(b) }) },
});
const { advisories } = vuln.tenant("acme");
const before = await advisories.get(ID);
if (before === null) throw new Error("the key is not there");
ready = true;
if (WORK === "write") {
  const revision = await advisories
    .put({ ...before, title: "by the sleeper" }, before.revision)
    .catch((error: unknown) => (error instanceof Error && "code" in error ? error.code : error));
  process.stdout.write(`${String(revision)}\n`);
} else {
  const found = await advisories.get(ID);
  process.stdout.write(`${found?.revision ?? "nothing"}\n`);
}
await vuln.close();
await Promise.all([postgres.close(), mongo.close()]);
