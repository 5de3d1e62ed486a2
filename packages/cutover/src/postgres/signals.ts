import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { refused } from "@stellaops/kernel";
import type { Client, Pool } from "pg";
import { Latch } from "../latch.ts";
import type { StageSignals } from "../stage/signals.ts";
import { within } from "../within.ts";

const channel = "cutover_stage";
const probeMs = 2_000;

/** LISTEN on a connection of its own beside the pool, with the pool's settings. The module's name is the payload of every change. */
export const postgresSignals = (pool: Pool, module: string): StageSignals => ({
  async listen(heard, signal) {
    const { default: pg } = await import("pg");
    const client = new pg.Client(pool.options);
    if (signal.aborted) return;
    const over = new AbortController();
    const stopped = once(signal, "abort", over).catch(() => undefined);
    const lost = new Promise<never>((_, reject) => {
      client.on("error", reject).on("end", () => reject(new Error("the listening connection was closed")));
    });
    lost.catch(() => undefined);
    try {
      await Promise.race([begin(pool, client), lost, stopped]);
      client.on("notification", ({ payload }) => (payload === module ? heard() : undefined));
      if (!signal.aborted) heard();
      await Promise.race([lost, stopped]);
    } finally {
      over.abort();
      await within(probeMs, client.end()).catch(() => undefined);
    }
  },
});

/** Behind a pooler that lends a connection for one transaction, LISTEN succeeds and nothing is ever heard: so it is tried. */
async function begin(pool: Pool, client: Client): Promise<void> {
  await client.connect();
  const probe = randomUUID();
  const arrived = new Latch();
  let there = false;
  const hear = ({ payload }: { readonly payload?: string | undefined }): void => {
    if (payload !== probe) return;
    there = true;
    arrived.notify();
  };
  client.on("notification", hear);
  await client.query(`listen ${channel}`);
  await pool.query("select pg_notify($1, $2)", [channel, probe]);
  await arrived.until(() => (there ? true : null), { deadlineMs: probeMs });
  client.off("notification", hear);
  if (!there)
    throw refused(
      "LISTEN_UNHEARD",
      "notifications do not arrive, as behind a pooler in transaction mode; polling is used",
    );
}
