import { outcomeOf, readerContract, walk } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { ImpactSnapshot, SchedulerRepositories } from "../../src/index.ts";
import { impact, minute, newId, noon } from "../samples.ts";

const stamps = { createdAt: noon, updatedAt: noon };
const normalised = { scope: "by_namespace", resolvesTags: false, namespaces: ["team-a", "team-b"] };
/** Of the sample: SHA-256 over its canonical form. */
const digest = "4c0aead027f4c648117332da9ed3363af5dbef538ed98c8c1a74899257232cab";

export function impactSnapshotsContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).impactSnapshots;
  const acme = () => at("acme");
  const snapshotOf = (id: string, runId: string): ImpactSnapshot => ({
    id,
    runId,
    selector: normalised,
    imageDigests: ["sha256:a", "sha256:b"],
    total: 2n,
    usageOnly: false,
    digest,
    ...stamps,
  });
  readerContract({
    name: "impactSnapshots",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, runId } = item as ImpactSnapshot;
      return at(tenant).putForRun(impact({ id, runId }));
    },
    make: (id = newId()) => snapshotOf(id, newId()),
  });

  describe("impactSnapshots, particular", () => {
    it("impactSnapshots.putForRun: normalises, counts, and replaces what the run had", async () => {
      const given = impact();
      const first = await acme().putForRun(given);
      expect(first).toEqual({ ...snapshotOf(given.id, given.runId), revision: 1n, tenantId: "acme" });
      expect(await acme().get(given.id)).toEqual(first);
      const next = impact({ runId: given.runId, imageDigests: ["sha256:c", "sha256:c"], at: minute(1) });
      const second = await acme().putForRun(next);
      expect(second).toMatchObject({
        id: given.id,
        imageDigests: ["sha256:c"],
        total: 1n,
        createdAt: noon,
        updatedAt: minute(1),
        revision: 2n,
      });
      expect(second.digest).not.toBe(first.digest);
      expect(await acme().get(given.id)).toEqual(second);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("impactSnapshots.putForRun: what says the same writes nothing", async () => {
      const given = impact();
      const first = await acme().putForRun(given);
      const selector = { scope: "by_namespace", namespaces: [" team-a", "team-b", "team-a"], labels: [] } as const;
      const same = impact({ runId: given.runId, selector, imageDigests: ["sha256:a", "sha256:b"], at: minute(1) });
      expect(await acme().putForRun(same)).toEqual(first);
      expect(await acme().putForRun({ ...same, usageOnly: true })).toMatchObject({ revision: 2n, usageOnly: true });
    });

    it.each([
      [undefined, "VALUE_INVALID", "selector"],
      [[], "VALUE_INVALID", "selector"],
      [{}, "VALUE_CHOICE", "selector.scope"],
      [{ scope: "by_whim" }, "VALUE_CHOICE", "selector.scope"],
      [{ scope: "by_namespace", namespaces: "team-a" }, "VALUE_INVALID", "selector.namespaces"],
      [{ scope: "by_digest", digests: [1] }, "VALUE_INVALID", "selector.digests"],
      [{ scope: "by_digest", digests: null }, "VALUE_INVALID", "selector.digests"],
      [{ scope: "by_labels", labels: { a: ["b"] } }, "VALUE_INVALID", "selector.labels"],
      [{ scope: "by_labels", labels: [{ key: 1, values: [] }] }, "VALUE_INVALID", "selector.labels.0.key"],
      [{ scope: "by_labels", labels: [{ key: "a" }] }, "VALUE_INVALID", "selector.labels.0.values"],
      [{ scope: "all_images", resolvesTags: "yes" }, "VALUE_INVALID", "selector.resolvesTags"],
    ])("impactSnapshots.putForRun: refuses the selector %o", async (selector, error, path) => {
      const given = { ...impact(), selector: selector as never };
      expect(await outcomeOf(() => acme().putForRun(given))).toMatchObject({ error, family: "data", path });
      expect(await acme().findByRun(given.runId)).toBeNull();
    });

    it("impactSnapshots.putForRun: one snapshot a run, however many put one at once", async () => {
      const runId = newId();
      const puts = Array.from({ length: 6 }, (_, i) => impact({ runId, imageDigests: [`sha256:${i}`] }));
      const answers = await Promise.all(puts.map((one) => acme().putForRun(one)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      const { items } = await acme().list();
      expect(items).toHaveLength(1);
      expect(answers.find(({ revision }) => revision === items[0]?.revision)).toEqual(items[0]);
    });

    it("impactSnapshots.putForRun: the shared one of the run is not the tenant's; refuses what cannot be stored", async () => {
      const { runId } = await at("@global").putForRun(impact());
      expect(await acme().findByRun(runId)).toMatchObject({ tenantId: "@global" });
      expect(await acme().putForRun(impact({ runId }))).toMatchObject({ tenantId: "acme", revision: 1n });
      expect(await acme().findByRun(runId)).toMatchObject({ tenantId: "acme" });
      const put = (over: Parameters<typeof impact>[0]) => outcomeOf(() => acme().putForRun(impact(over)));
      expect(await put({ imageDigests: ["\0"] })).toMatchObject({ error: "VALUE_NUL", path: "imageDigests.0" });
      expect(await put({ selector: { scope: "by_namespace", namespaces: ["\0x"] } })).toMatchObject({
        error: "VALUE_NUL",
        path: "selector.namespaces.0",
      });
    });

    it("impactSnapshots.images: in the order of their bytes, page by page, the tenant's own before the shared one's", async () => {
      const imageDigests = ["b", "\u{1f600}", "", "a", "\uffff", "A"];
      const { runId } = await at("@global").putForRun(impact({ imageDigests }));
      const page = (request: object) => acme().images(runId, request);
      for (const limit of [1, 2, 100])
        expect(await walk(page, limit)).toEqual(["", "A", "a", "b", "\uffff", "\u{1f600}"]);
      await acme().putForRun(impact({ runId, imageDigests: ["own"] }));
      expect(await walk(page, 5)).toEqual(["own"]);
      expect(await acme().images(newId())).toEqual({ items: [], next: null });
      expect(await outcomeOf(() => acme().images("x"))).toMatchObject({ error: "VALUE_ID", path: "runId" });
    });
  });
}
