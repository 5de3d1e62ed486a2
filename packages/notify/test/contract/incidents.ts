import { inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Incident, NotifyRepositories } from "../../src/index.ts";
import { minute, newId, noon } from "../samples.ts";
import { event } from "../work/samples.ts";

const incidentOf = ({ at, ...given }: ReturnType<typeof event>): Incident => ({
  ...given,
  status: "open",
  eventCount: 1n,
  firstSeenAt: at,
  lastSeenAt: at,
  createdAt: at,
  updatedAt: at,
});

export function incidentsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).incidents;
  const acme = () => at("acme");
  readerContract({
    name: "incidents",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, correlationKey } = item as Incident;
      return at(tenant).correlate(event({ id, correlationKey }));
    },
    make: (id = newId()) => incidentOf(event({ id })),
  });

  describe("incidents, particular", () => {
    it("incidents.correlate: opens one, and counts what follows into it, whatever the followers say", async () => {
      const given = event();
      const { correlationKey } = given;
      const incident = { ...incidentOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().correlate(given)).toEqual({ incident, created: true });
      const again = await acme().correlate(event({ correlationKey, title: "Another", severity: "low", at: minute(3) }));
      const counted = { ...incident, eventCount: 2n, lastSeenAt: minute(3), updatedAt: minute(3), revision: 2n };
      expect(again).toEqual({ incident: counted, created: false });
      // An event that comes late.
      const late = await acme().correlate(event({ correlationKey, at: minute(-3) }));
      expect(late.incident).toMatchObject({ eventCount: 3n, firstSeenAt: minute(-3), lastSeenAt: minute(3) });
      expect(await acme().get(given.id)).toEqual(late.incident);
      for (const tenant of ["umbrella", "@global"])
        expect(await at(tenant).correlate(event({ correlationKey }))).toMatchObject({ created: true });
    });

    it("incidents.correlate: one incident and an exact count, however many come at once", async () => {
      const { correlationKey } = event();
      const answers = await Promise.all(Array.from({ length: 12 }, () => acme().correlate(event({ correlationKey }))));
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      const { items } = await acme().list();
      expect(items).toMatchObject([{ eventCount: 12n, revision: 12n }]);
    });

    it("incidents.correlate: of one that is acknowledged too; after one that is resolved another is opened", async () => {
      const { correlationKey } = event();
      const first = (await acme().correlate(event({ correlationKey }))).incident;
      await acme().acknowledge(first.id, minute(1));
      const counted = await acme().correlate(event({ correlationKey, at: minute(2) }));
      expect(counted).toMatchObject({ created: false, incident: { status: "acknowledged", eventCount: 2n } });
      await acme().resolve(first.id, minute(3));
      const second = await acme().correlate(event({ correlationKey, at: minute(4) }));
      expect(second).toMatchObject({ created: true, incident: { status: "open", eventCount: 1n } });
      expect(await acme().get(first.id)).toMatchObject({ status: "resolved", eventCount: 2n });
      await acme().resolve(second.incident.id, minute(5));
      expect((await acme().list()).items).toHaveLength(2);
    });

    it("incidents.correlate: what is wrong is refused also when one is open; an id is one incident", async () => {
      const given = event();
      await acme().correlate(given);
      const again = (over: object) => outcomeOf(() => acme().correlate({ ...given, ...over }));
      expect(await again({ severity: "loud" })).toMatchObject({ error: "VALUE_CHOICE", path: "severity" });
      expect(await again({ correlationKey: "\0" })).toMatchObject({ error: "VALUE_NUL", path: "correlationKey" });
      expect(await again({ at: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
      expect(await again({ correlationKey: "another" })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await acme().get(given.id)).toMatchObject({ eventCount: 1n });
    });

    it("incidents.acknowledge: once, from open; null for what is not the tenant's own", async () => {
      const { id } = (await acme().correlate(event())).incident;
      expect(await acme().acknowledge(id, minute(1))).toMatchObject({ status: "acknowledged", revision: 2n });
      expect(await acme().acknowledge(id, minute(2))).toBeNull();
      expect(await at("umbrella").acknowledge(id, minute(2))).toBeNull();
      const shared = (await at("@global").correlate(event())).incident;
      expect(await acme().acknowledge(shared.id, noon)).toBeNull();
      expect(await outcomeOf(() => acme().acknowledge("x", noon))).toMatchObject({ error: "VALUE_ID" });
    });

    it("incidents.resolve: once, from open or acknowledged", async () => {
      const [open, seen] = await inTurn([0, 1], async () => (await acme().correlate(event())).incident.id);
      await acme().acknowledge(seen!, minute(1));
      for (const id of [open!, seen!]) {
        expect(await acme().resolve(id, minute(2))).toMatchObject({ status: "resolved", updatedAt: minute(2) });
        expect(await acme().resolve(id, minute(3))).toBeNull();
        expect(await acme().acknowledge(id, minute(3))).toBeNull();
      }
      expect(await acme().resolve(newId(), noon)).toBeNull();
    });

    it("incidents.listByStatus: newest first, own and shared", async () => {
      const made = await inTurn([1, 3, 2], async (n) => (await acme().correlate(event({ at: minute(n) }))).incident.id);
      const shared = (await at("@global").correlate(event({ at: minute(9) }))).incident.id;
      await acme().resolve(made[0]!, minute(4));
      const ids = async (status: Incident["status"]) => (await acme().listByStatus(status)).items.map(({ id }) => id);
      expect(await ids("open")).toEqual([shared, made[1], made[2]]);
      expect(await ids("resolved")).toEqual([made[0]]);
      expect(await outcomeOf(() => acme().listByStatus(null as never))).toMatchObject({ family: "data" });
    });
  });
}
