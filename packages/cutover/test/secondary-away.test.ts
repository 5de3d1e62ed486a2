import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { proxyTo, type Proxy } from "@stellaops/testkit/proxy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openVuln, type Advisory, type Vuln } from "../../vuln/src/index.ts";
import {
  findingsOf,
  type Database,
  type Replica,
  type Seams,
  type SecondaryOutcome,
  type Stage,
} from "../src/index.ts";
import { acme, advisoryOf, replicationRig, type ReplicationRig } from "./replication-rig.ts";

/** A secondary that is down, slow or hanging never fails its callers, and gets everything in order once it is back. */

interface Setting extends AsyncDisposable {
  readonly rig: ReplicationRig;
  readonly proxy: Proxy;
  /** A service whose secondary is behind the proxy. */
  open(): Promise<{ readonly module: Vuln; close(): Promise<void> }>;
  /** Each state that was applied, in the order it came. */
  readonly applied: (readonly [id: string, revision: bigint])[];
}

async function settingOf(secondary: Database): Promise<Setting> {
  const rig = await replicationRig();
  await rig.goTo(secondary === "postgres" ? "dual-write" : "ramp-down");
  const proxy = await proxyTo(secondary === "postgres" ? rig.urls.service : rig.urls.mongo);
  // Otherwise the driver goes on with the address that the server says of itself.
  const through = secondary === "postgres" ? proxy.url : `${proxy.url}&directConnection=true`;
  const applied: (readonly [string, bigint])[] = [];
  const opened: (() => Promise<void>)[] = [];
  const noted = (replica: Replica): Replica => ({
    ...replica,
    async apply(aggregate, tenant, states, generation) {
      await replica.apply(aggregate, tenant, states, generation);
      applied.push(...states.map(({ id, revision }) => [id, revision] as const));
    },
  });
  return {
    rig,
    proxy,
    applied,
    async open() {
      const url = (database: Database, own: string) => (database === secondary ? through : own);
      const postgres = openPostgres({ url: url("postgres", rig.urls.service), max: 4, connectTimeoutMs: 300 });
      const mongo = openMongo({ url: url("mongo", rig.urls.mongo), max: 8, connectTimeoutMs: 1_000 });
      const seams: Seams = { replicas: (both) => ({ ...both, [secondary]: noted(both[secondary]) }) };
      const module = await openVuln({ postgres, mongo, stage: "record", seams }).catch(async (error: unknown) => {
        await Promise.all([postgres.close(), mongo.close()]);
        throw error;
      });
      let closed: Promise<unknown> | undefined;
      const close = async () => {
        closed ??= module.close().then(() => Promise.all([postgres.close(), mongo.close()]));
        await closed;
      };
      opened.push(close);
      return { module, close };
    },
    async [Symbol.asyncDispose]() {
      proxy.mend();
      for (const close of opened) await close();
      await proxy[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
    },
  };
}

const ways: Readonly<Record<string, (proxy: Proxy) => void>> = {
  down: (proxy) => proxy.cut(),
  hanging: (proxy) => proxy.hang(),
  "five seconds late": (proxy) => proxy.delay(5_000),
};

/** Everything the callers do while it is away; gives what was acknowledged last of each. */
async function callers(module: Vuln): Promise<readonly Advisory[]> {
  const { advisories } = module.tenant(acme);
  const all = Array.from({ length: 20 }, () => advisoryOf());
  for (const one of all) await advisories.put(one, 0n);
  for (const one of all) await advisories.put({ ...one, title: "second" }, 1n);
  for (const one of all) expect(await advisories.get(one.id)).toMatchObject({ title: "second", revision: 2n });
  const [first] = all;
  if (first === undefined) throw new Error("nothing was written");
  const told: SecondaryOutcome[] = [];
  const revision = await module
    .tenant(acme)
    .transaction((unit) => unit.advisories.put({ ...first, title: "third" }, 2n), {
      await: "secondary",
      awaitMs: 50,
      onSecondary: (outcome) => told.push(outcome),
    });
  expect([revision, told]).toEqual([3n, ["late"]]);
  return all;
}

function inOrder(applied: Setting["applied"]): void {
  const last = new Map<string, bigint>();
  for (const [id, revision] of applied) {
    expect(revision).toBeGreaterThanOrEqual(last.get(id) ?? 0n);
    last.set(id, revision);
  }
}

for (const secondary of ["postgres", "mongo"] as const)
  describe(`${secondary} as the secondary`, () => {
    let setting: Setting;
    beforeAll(async () => {
      setting = await settingOf(secondary);
    });
    afterAll(() => setting[Symbol.asyncDispose]());

    for (const [name, take] of Object.entries(ways))
      test(`${name}: callers are served, a service starts and ends, and once it is back it gets everything in order per key`, async () => {
        const { rig, proxy, applied } = setting;
        const { module, close } = await setting.open();
        take(proxy);
        const all = await callers(module);
        if (name !== "five seconds late") {
          const other = await setting.open();
          await other.module.tenant(acme).advisories.put(advisoryOf(), 0n);
          await other.close();
        }
        proxy.mend();
        const { primary } = await rig.view();
        await expect
          .poll(() => rig.replicas[primary].backlog(), { interval: 50, timeout: 50_000 })
          .toEqual({ pending: 0, parked: 0 });
        await close();
        for (const { id } of all) expect(applied.map(([key]) => key)).toContain(id);
        inOrder(applied);
        expect(findingsOf(await rig.compare())).toBe(0);
      });

    test("a database that did not answer at the start is checked before it serves", async () => {
      const { rig, proxy } = setting;
      proxy.cut();
      const { module, close } = await setting.open();
      proxy.mend();
      // To where the other one is the primary.
      const target: Stage = secondary === "postgres" ? "live" : "shadow";
      const moving = rig.goTo(target);
      await moving;
      const one = advisoryOf();
      await module.tenant(acme).advisories.put(one, 0n);
      expect(await module.tenant(acme).advisories.get(one.id)).toMatchObject({ revision: 1n });
      await close();
    });
  });

test("where the primary does not answer at the start, the service does not start", async () => {
  await using setting = await settingOf("postgres");
  await setting.rig.goTo("live");
  setting.proxy.cut();
  await expect(setting.open()).rejects.toMatchObject({ code: "STAGE_UNKNOWN", family: "unavailable" });
});
