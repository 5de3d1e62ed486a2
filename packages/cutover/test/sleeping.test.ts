import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeStage, drainedOf, instancesOf } from "../src/index.ts";
import type { Waiting } from "../src/index.ts";
import { acme, advisoryOf, nextId, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Starts the sleeper and waits until it sleeps; `wake` gives its one line. */
async function sleeper(work: "write" | "read", id: string): Promise<{ wake(): Promise<string> }> {
  const { service: SERVICE, mongo: MONGO } = rig.urls;
  const script = fileURLToPath(new URL("sleeper-child.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@stellaops/source", script], {
    env: { ...process.env, WORK: work, SERVICE, MONGO, ID: id },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect(await lines.next()).toMatchObject({ value: "asleep" });
  return {
    async wake() {
      child.kill("SIGCONT");
      const { value } = await lines.next();
      expect(await exited).toEqual([0, null]);
      return String(value);
    },
  };
}

for (const [from, to] of [
  ["shadow", "live"],
  ["live", "shadow"],
] as const) {
  /** Moves the primary while the sleeper sleeps, with everything in `meanwhile` before it wakes. */
  const move = async () => {
    const waits: Waiting[] = [];
    const view = await changeStage({
      sides: rig.sides,
      target: to,
      by: "operator",
      reason: "while it sleeps",
      drained: drainedOf(rig.copies),
      onWait: (waiting) => void waits.push(waiting),
    });
    return { view, waits };
  };

  test(`from ${from} to ${to}: a process that sleeps through its lease and wakes writing writes nothing under the old stage`, async () => {
    const before = await rig.goTo(from);
    const { generation } = before;
    const one = advisoryOf({ id: nextId() });
    await rig.write(before.primary, ({ advisories }) => advisories.put(one, 0n), { generation });
    await rig.drain();
    const asleep = await sleeper("write", one.id);
    const { view, waits } = await move();
    // It was waited for until its lease ran out, by name.
    expect(waits.at(-1)?.leases).toMatchObject([{ instance: "sleeper" }]);
    const revision = await rig.write(view.primary, ({ advisories }) => advisories.put({ ...one, title: "awake" }, 1n), {
      generation: view.generation,
    });
    // Run again as a whole on the new primary, it meets the newer revision.
    expect(await asleep.wake()).toBe("REVISION_CONFLICT");
    expect(revision).toBe(2n);
    await rig.drain();
    const advisories = vuln.aggregates.find(({ table }) => table === "advisories");
    if (advisories === undefined) throw new Error("no such aggregate");
    for (const replica of [rig.replicas.mongo, rig.replicas.postgres])
      expect(await replica.read(advisories, acme, [one.id])).toMatchObject([
        { revision: 2n, value: { title: "awake" } },
      ]);
    expect((await instancesOf(rig.sides)).instances).toEqual([]);
  });

  test(`from ${from} to ${to}: a process that sleeps through its lease and wakes reading gives no answer of the old primary`, async () => {
    const before = await rig.goTo(from);
    const { generation } = before;
    const one = advisoryOf({ id: nextId() });
    await rig.write(before.primary, ({ advisories }) => advisories.put(one, 0n), { generation });
    await rig.drain();
    const asleep = await sleeper("read", one.id);
    const { view } = await move();
    await rig.write(view.primary, ({ advisories }) => advisories.put({ ...one, title: "newer" }, 1n), {
      generation: view.generation,
    });
    expect(await asleep.wake()).toBe("2");
    await rig.drain();
  });
}
