import { frozenContract, outcomeOf } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import type { Paper } from "./aggregates.ts";
import { minute, newId, paper, type PressRig } from "./samples.ts";

/** What is frozen, and keys that hold for some rows. */
export function papersContract(rig: PressRig): void {
  const at = (tenant: string) => rig().at(tenant).papers;
  const acme = () => at("acme");
  const immutable = { error: "IMMUTABLE", family: "conflict" };
  const published = async (over: Partial<Paper> = {}): Promise<Paper> => {
    const one = paper({ status: "published", ...over });
    await acme().put(one, 0n);
    return one;
  };
  frozenContract({
    name: "papers",
    repository: at,
    make: (id) => paper(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, lines: [{ name: "second", body: "other words" }], notes: [] }),
    freeze: async (tenant, id, expected) => {
      const was = await at(tenant).get(id);
      if (was === null) return expect.fail("it is not there");
      return at(tenant).put({ ...was, status: "published", updatedAt: minute(1) }, expected);
    },
  });

  describe("what is frozen", () => {
    it("may be made so at once, with its children, and read", async () => {
      const one = await published();
      expect(await acme().get(one.id)).toEqual({ ...one, revision: 1n, tenantId: "acme" });
    });

    it("is frozen by the very put that gives it its last children", async () => {
      const one = paper();
      await acme().put(one, 0n);
      const last = { ...one, status: "published" as const, lines: [{ name: "last", body: "word" }], notes: [] };
      expect(await acme().put(last, 1n)).toBe(2n);
      expect(await acme().get(one.id)).toEqual({ ...last, revision: 2n, tenantId: "acme" });
    });

    it("is refused to a guarded change, of a child too, unless that looks for what is not there", async () => {
      const { id } = await published();
      const alter = (over: Partial<Parameters<ReturnType<typeof at>["alter"]>[0]> = {}, tenant = "acme") =>
        outcomeOf(() => at(tenant).alter({ where: { id }, set: { topic: "other" }, ...over }));
      expect(await alter()).toMatchObject(immutable);
      expect(await alter({ where: { id, status: "draft" } })).toMatchObject(immutable);
      expect(await alter({ where: { id, revision: 1n } })).toMatchObject(immutable);
      expect(await alter({ child: { name: "notes", put: { body: "more" } } })).toMatchObject(immutable);
      expect(await alter({ child: { name: "lines", remove: { name: "first" } } })).toMatchObject(immutable);
      expect(await alter({ where: { id, revision: 2n } })).toEqual({ value: null });
      expect(await alter({ where: { id: newId() } })).toEqual({ value: null });
      expect(await alter({}, "umbrella")).toEqual({ value: null });
      expect(await acme().get(id)).toMatchObject({ revision: 1n, notes: [{ body: "a note" }] });
    });

    it("becomes so by a guarded change, once", async () => {
      const one = paper();
      await acme().put(one, 0n);
      const publish = () => acme().alter({ where: { id: one.id, status: "draft" }, set: { status: "published" } });
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcomeOf(publish)));
      expect(outcomes.filter((outcome) => "value" in outcome)).toHaveLength(1);
      const late = outcomes.filter((outcome) => "error" in outcome);
      expect(late).toMatchObject(late.map(() => immutable));
      expect(await acme().get(one.id)).toMatchObject({ revision: 2n, status: "published" });
    });

    it("ends a batch that would change or remove it, and no retry is asked for", async () => {
      const [draft, final] = [paper(), await published()];
      await acme().put(draft, 0n);
      const replace = [draft, final].map((one) => ({ aggregate: { ...one, topic: `x ${one.id}` }, expected: 1n }));
      expect(await outcomeOf(() => acme().writePlan({ replace }))).toMatchObject(immutable);
      const remove = [draft, final].map(({ id }) => ({ id, revision: 1n }));
      expect(await outcomeOf(() => acme().writePlan({ remove }))).toMatchObject(immutable);
      const late = { aggregate: draft, expected: 9n };
      expect(await outcomeOf(() => acme().writePlan({ replace: [late] }))).toMatchObject({ family: "transient" });
      expect(await acme().get(draft.id)).toMatchObject({ revision: 1n, topic: draft.topic });
    });

    it("does not enter the register when it is refused", async () => {
      const { id } = await published();
      const before = await rig().register();
      await outcomeOf(() => acme().delete(id, 1n));
      await outcomeOf(() => acme().alter({ where: { id }, set: { topic: "other" } }));
      expect(await rig().register()).toEqual(before);
    });
  });

  describe("a key among some rows", () => {
    const taken = (constraint: string) => ({ error: "UNIQUE_VIOLATION", family: "integrity", constraint });

    it("holds for those of its condition, whichever of its values they have, and for no other", async () => {
      const topic = "one topic";
      for (let n = 0; n < 2; n += 1) await published({ topic });
      const draft = paper({ topic });
      await acme().put(draft, 0n);
      for (const status of ["draft", "review"] as const)
        expect(await outcomeOf(() => acme().put(paper({ topic, status }), 0n))).toMatchObject(taken("uq_papers_topic"));
      await at("umbrella").put(paper({ topic }), 0n);
      await acme().put({ ...draft, status: "published" }, 1n);
      expect(await acme().put(paper({ topic, status: "review" }), 0n)).toBe(1n);
    });

    it("holds for a flag, also when a change brings the row under it", async () => {
      const [one, other] = [paper({ code: "c", pinned: true }), paper({ code: "c" })];
      await acme().put(one, 0n);
      await acme().put(other, 0n);
      await acme().put(paper({ code: "c" }), 0n);
      const pin = (id: string) => outcomeOf(() => acme().alter({ where: { id }, set: { pinned: true } }));
      expect(await pin(other.id)).toMatchObject(taken("uq_papers_code"));
      await acme().alter({ where: { code: "c", pinned: true }, set: { pinned: false } });
      expect(await acme().get(one.id)).toMatchObject({ pinned: false, revision: 2n });
      expect(await pin(other.id)).toMatchObject({ value: { pinned: true } });
    });

    it("lets one of many win", async () => {
      const race = Array.from({ length: 8 }, (_, n) =>
        outcomeOf(() => acme().put(paper({ topic: "t", status: n % 2 === 0 ? "draft" : "review" }), 0n)),
      );
      const outcomes = await Promise.all(race);
      expect(outcomes.filter((outcome) => "value" in outcome)).toEqual([{ value: 1n }]);
    });

    it("finds a row for a guarded change only with a value of its condition", async () => {
      const one = paper({ topic: "t" });
      await acme().put(one, 0n);
      const set = { code: "new" };
      expect(await acme().alter({ where: { topic: "t", status: "review" }, set })).toBeNull();
      expect(await acme().alter({ where: { topic: "t", status: "draft" }, set })).toMatchObject({ code: "new" });
      const child = { name: "notes", put: { body: "more" } } as const;
      const where = { topic: "t", status: "draft" } as const;
      expect((await acme().alter({ where, child }))?.notes).toHaveLength(2);
      await expect(acme().alter({ where: { topic: "t" }, set })).rejects.toThrow(TypeError);
      await expect(acme().alter({ where: { topic: "t", status: "published" }, set })).rejects.toThrow(TypeError);
    });
  });
}
