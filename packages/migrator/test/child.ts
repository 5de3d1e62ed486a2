import { createInterface } from "node:readline";
import { createMigrator, startHost, type MigrationEvent } from "../src/index.ts";

/** What a test asks of a process that may be killed. */
export interface Order {
  readonly url: string;
  readonly schema: string;
  readonly migrations: string;
  /** Service hosts started at once, after a line on stdin; 0 for one `apply`, at once. */
  readonly hosts: number;
  /** Die by SIGKILL at this event, counted from 1. */
  readonly killAt?: number;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const module = { name: order.schema, schema: order.schema, migrations: order.migrations };

let events = 0;
const onEvent = (event: MigrationEvent): void => {
  // Nothing is done between these and the events beside them.
  if (event.kind === "file" || event.kind === "applied") return;
  events += 1;
  if (events === order.killAt) process.kill(process.pid, "SIGKILL");
  if (order.hosts === 0)
    console.log(JSON.stringify(event, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)));
};

if (order.hosts === 0) await createMigrator({ module, url: order.url, onEvent }).apply();
else {
  console.log("ready");
  const input = createInterface(process.stdin);
  await new Promise((resolve) => input.once("line", resolve));
  input.close();
  const started = await Promise.all(
    Array.from({ length: order.hosts }, () => startHost({ module, url: order.url, onEvent })),
  );
  const outcomes = await Promise.all(started.map(({ data }) => data.done));
  console.log(
    JSON.stringify({
      applied: started.flatMap(({ applied }) => applied.map(({ name }) => name)),
      data: outcomes.map((outcome) => (outcome.state === "failed" ? String(outcome.error) : outcome.state)),
    }),
  );
  // The reading end of stdin would keep the process.
  process.stdin.unref();
}
