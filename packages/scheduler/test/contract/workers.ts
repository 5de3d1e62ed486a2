import { inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { SchedulerRepositories, Worker } from "../../src/index.ts";
import { minute, newId, noon, registration } from "../samples.ts";

const workerOf = ({ at, ...given }: ReturnType<typeof registration>): Worker => ({
  ...given,
  startedAt: at,
  heartbeatAt: at,
  status: "active",
  createdAt: at,
  updatedAt: at,
});

export function workersContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).workers;
  const acme = () => at("acme");
  readerContract({
    name: "workers",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, workerId } = item as Worker;
      return at(tenant).register(registration({ id, workerId }));
    },
    make: (id = newId()) => workerOf(registration({ id })),
  });

  describe("workers, particular", () => {
    it("workers.register: one worker a name; started anew it is active again", async () => {
      const given = registration();
      const first = await acme().register(given);
      expect(first).toEqual({ ...workerOf(given), revision: 1n, tenantId: "acme" });
      const { workerId } = given;
      await acme().expire({ before: minute(1), limit: 10, at: minute(1) });
      const again = await acme().register(
        registration({ workerId, version: "2.0.0", capabilities: [], at: minute(2) }),
      );
      const started = { startedAt: minute(2), heartbeatAt: minute(2), updatedAt: minute(2), status: "active" };
      expect(again).toEqual({ ...first, ...started, version: "2.0.0", capabilities: [], revision: 3n });
      expect(await at("umbrella").register(registration({ workerId }))).toMatchObject({ revision: 1n });
    });

    it("workers.register: one worker, however many register a name at once", async () => {
      const { workerId } = registration();
      const answers = await Promise.all(Array.from({ length: 6 }, () => acme().register(registration({ workerId }))));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("workers.heartbeat: is noted, with whether it takes new work; null for one that is unknown or was taken for dead", async () => {
      const { workerId } = await acme().register(registration());
      const beat = (name: string, n: number) => acme().heartbeat({ workerId: name, status: "draining", at: minute(n) });
      expect(await beat(workerId, 1)).toMatchObject({ status: "draining", heartbeatAt: minute(1), revision: 2n });
      expect(await beat("unknown", 1)).toBeNull();
      expect(await acme().expire({ before: minute(2), limit: 10, at: minute(2) })).toEqual([workerId]);
      expect(await beat(workerId, 3)).toBeNull();
      const shared = await at("@global").register(registration());
      expect(await beat(shared.workerId, 1)).toBeNull();
    });

    it.each(["expired", "asleep", null])("workers.heartbeat: refuses the status %s", async (status) => {
      const worker = await acme().register(registration());
      const beat = { workerId: worker.workerId, status: status as "active", at: minute(1) };
      expect(await outcomeOf(() => acme().heartbeat(beat))).toMatchObject({
        error: "VALUE_CHOICE",
        family: "data",
        path: "status",
      });
      expect(await acme().get(worker.id)).toEqual(worker);
    });

    it("workers.expire: the longest silent first, so many at most, and nobody who was heard of", async () => {
      const names = ["a", "b", "c", "d"];
      await inTurn(names, (workerId) =>
        acme().register(registration({ workerId, at: minute(-names.indexOf(workerId)) })),
      );
      await acme().heartbeat({ workerId: "c", status: "active", at: minute(5) });
      await at("umbrella").register(registration({ at: minute(-99) }));
      const expire = (limit: number) => acme().expire({ before: minute(1), limit, at: minute(6) });
      expect(await expire(2)).toEqual(["d", "b"]);
      expect(await expire(2)).toEqual(["a"]);
      expect(await expire(2)).toEqual([]);
      const { items } = await acme().list();
      expect(new Map(items.map(({ workerId, status }) => [workerId, status])).get("c")).toBe("active");
      expect(items.filter(({ status }) => status === "expired")).toHaveLength(3);
      expect(await outcomeOf(() => expire(0))).toMatchObject({ error: "LIMIT_INVALID" });
      expect(await outcomeOf(() => expire(1_001))).toMatchObject({ error: "LIMIT_INVALID" });
      const never = new Date(Number.NaN);
      expect(await outcomeOf(() => acme().expire({ before: never, limit: 1, at: noon }))).toMatchObject({
        error: "VALUE_DATE",
      });
    });

    it("workers.expire: gives each to one of many at once", async () => {
      await inTurn(Array.from({ length: 12 }), () => acme().register(registration()));
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => acme().expire({ before: minute(1), limit: 5, at: minute(2) })),
      );
      const last = await acme().expire({ before: minute(1), limit: 100, at: minute(2) });
      const names = [...answers.flat(), ...last];
      expect(names).toHaveLength(12);
      expect(new Set(names).size).toBe(12);
    });
  });
}
