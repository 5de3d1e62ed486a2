import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import {
  exceptionStatuses,
  type ExceptionStatus,
  type PolicyException,
  type PolicyRepositories,
} from "../../src/index.ts";
import { exception, fresh, minute, ms, newId, noon } from "../samples.ts";

export function exceptionsContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).exceptions;
  const acme = () => at("acme");
  const stored = async (over: Partial<PolicyException> = {}, tenant = "acme"): Promise<PolicyException> => {
    const made = exception(over);
    await at(tenant).put(made, 0n);
    return made;
  };
  const move = (id: string, from: ExceptionStatus, to: ExceptionStatus, tenant = "acme") =>
    at(tenant).transition({ id, from, to, at: noon });
  const active = async (over: Partial<PolicyException> = {}, tenant = "acme"): Promise<PolicyException> => {
    const made = await stored(over, tenant);
    await move(made.id, "draft", "staged", tenant);
    await move(made.id, "staged", "active", tenant);
    return made;
  };
  const revoke = (id: string) => acme().revoke({ id, by: "bob", reason: "fixed upstream", at: minute(5) });
  const over = minute(60);
  /** The way to each status. */
  const inStatus: Readonly<Record<ExceptionStatus, () => Promise<PolicyException>>> = {
    draft: stored,
    staged: async () => {
      const made = await stored();
      await move(made.id, "draft", "staged");
      return made;
    },
    active,
    revoked: async () => {
      const made = await active();
      await revoke(made.id);
      return made;
    },
    expired: async () => {
      const made = await active();
      await acme().expireDue(over, 1);
      return made;
    },
  };
  readerContract({
    name: "exceptions",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => at(tenant).put(item as PolicyException, 0n),
    make: (id) => exception(id === undefined ? {} : { id }),
  });

  describe("exceptions, drafts", () => {
    it("exceptions.put: stores a draft, and changes it", async () => {
      const made = await stored();
      const changed = { ...made, owner: "eve", evidence: [], expiresAt: minute(90), updatedAt: minute(1) };
      expect(await acme().put(changed, 1n)).toBe(2n);
      expect(await acme().get(made.id)).toEqual({ ...changed, revision: 2n, tenantId: "acme" });
      expect(await outcomeOf(() => acme().put(changed, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => acme().put(changed, 0n))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => acme().put(changed, -1n))).toMatchObject({ error: "REVISION_INVALID" });
      const twin = exception({ exceptionId: made.exceptionId });
      const constraint = "uq_exceptions_exception_id";
      expect(await outcomeOf(() => acme().put(twin, 0n))).toMatchObject({ error: "UNIQUE_VIOLATION", constraint });
      await at("umbrella").put(twin, 0n);
    });

    it.each(exceptionStatuses.slice(1))("exceptions.put: one that is %s is no longer put", async (status) => {
      const made = await inStatus[status]();
      const found = await acme().get(made.id);
      const refusal = { error: "EXCEPTION_NOT_DRAFT", family: "conflict" };
      expect(await outcomeOf(() => acme().put(made, found!.revision))).toMatchObject(refusal);
      expect(await outcomeOf(() => acme().put({ ...found! }, found!.revision))).toMatchObject(refusal);
      expect(await outcomeOf(() => acme().put(exception({ status }), 0n))).toMatchObject(refusal);
      expect(await acme().get(made.id)).toEqual(found);
    });

    it("exceptions.put: a justification has ten characters, by code points", async () => {
      const put = (justification: string) => outcomeOf(() => acme().put(exception({ justification }), 0n));
      const short = { error: "JUSTIFICATION_TOO_SHORT", family: "data", path: "justification" };
      expect(await put("\u{1f600}".repeat(9))).toMatchObject(short);
      expect(await put("nine char")).toMatchObject(short);
      expect(await put("")).toMatchObject(short);
      expect(await put("\u{1f600}".repeat(10))).toEqual({ value: 1n });
      expect(await put("ten chars!")).toEqual({ value: 1n });
    });

    it("exceptions.put: expires after it takes effect", async () => {
      const put = (expiresAt: Date) => outcomeOf(() => acme().put(exception({ expiresAt }), 0n));
      const refusal = { error: "EXCEPTION_WINDOW", family: "data", path: "expiresAt" };
      expect(await put(noon)).toMatchObject(refusal);
      expect(await put(ms(-1))).toMatchObject(refusal);
      expect(await put(ms(1))).toEqual({ value: 1n });
    });

    it("exceptions.findByExceptionId: the tenant's own before the shared one, else null", async () => {
      const exceptionId = fresh("X");
      await stored({ exceptionId }, "@global");
      expect(await acme().findByExceptionId(exceptionId)).toMatchObject({ tenantId: "@global" });
      await stored({ exceptionId });
      expect(await acme().findByExceptionId(exceptionId)).toMatchObject({ tenantId: "acme" });
      expect(await acme().findByExceptionId(fresh("X"))).toBeNull();
      expect(await outcomeOf(() => acme().findByExceptionId(null as never))).toMatchObject({
        error: "VALUE_INVALID",
        family: "data",
      });
    });
  });

  describe("exceptions, moves", () => {
    const legal = new Set(["draft>staged", "staged>active"]);
    it.each(exceptionStatuses.flatMap((from) => exceptionStatuses.map((to) => ({ from, to }))))(
      "exceptions.transition: from $from to $to",
      async ({ from, to }) => {
        const { id } = await inStatus[from]();
        const outcome = await outcomeOf(() => move(id, from, to));
        const found = await acme().get(id);
        const may = legal.has(`${from}>${to}`);
        expect(outcome).toMatchObject(may ? { value: found } : { error: "EXCEPTION_TRANSITION", family: "conflict" });
        expect(found?.status).toBe(may ? to : from);
      },
    );

    it("exceptions.transition: null for another status, what is not there, and the shared one; refuses what is no status", async () => {
      const { id } = await inStatus.staged();
      expect(await move(id, "draft", "staged")).toBeNull();
      expect(await move(newId(), "draft", "staged")).toBeNull();
      const shared = await stored({}, "@global");
      expect(await move(shared.id, "draft", "staged")).toBeNull();
      const none = outcomeOf(() => move(id, "__proto__" as never, "staged"));
      expect(await none).toMatchObject({ error: "VALUE_CHOICE", path: "from" });
    });

    it("exceptions.transition: of many at once one wins", async () => {
      const { id } = await stored();
      const answers = await Promise.all(Array.from({ length: 6 }, () => move(id, "draft", "staged")));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      expect(await acme().get(id)).toMatchObject({ status: "staged", revision: 2n });
    });

    it.each(exceptionStatuses)("exceptions.revoke: supersedes one that is %s, if it has not ended", async (status) => {
      const { id } = await inStatus[status]();
      const before = await acme().get(id);
      const answer = await revoke(id);
      const ended = status === "revoked" || status === "expired";
      const revoked = { revokedAt: minute(5), revokedBy: "bob", revokedReason: "fixed upstream" };
      const after = { ...before, ...revoked, status: "revoked", updatedAt: minute(5), revision: before!.revision + 1n };
      expect(answer).toEqual(ended ? null : after);
      expect(await acme().get(id)).toEqual(ended ? before : after);
    });

    it("exceptions.revoke: against an expiry at once, one wins; not there or shared: null", async () => {
      for (let i = 0; i < 5; i += 1) {
        const { id, exceptionId } = await active();
        const [revoked, expired] = await Promise.all([revoke(id), acme().expireDue(over, 10)]);
        const found = await acme().get(id);
        expect([revoked !== null, expired]).toEqual([found?.status === "revoked", revoked ? [] : [exceptionId]]);
      }
      expect(await revoke(newId())).toBeNull();
      expect(await revoke((await stored({}, "@global")).id)).toBeNull();
      const by = outcomeOf(() => acme().revoke({ id: newId(), by: null as never, reason: "x", at: noon }));
      expect(await by).toMatchObject({ error: "VALUE_NULL", path: "revokedBy" });
    });
  });

  describe("exceptions, in time", () => {
    it("exceptions.listActive: from effectiveAt on, to the millisecond before expiresAt; expireDue takes exactly the others", async () => {
      const made = await active({ effectiveAt: noon, expiresAt: over });
      const listed = async (when: Date) =>
        (await acme().listActive(when, made.vulnerability)).items.map(({ id }) => id);
      const before = new Date(over.getTime() - 1);
      expect(await inTurn([ms(-1), noon, before, over], listed)).toEqual([[], [made.id], [made.id], []]);
      expect(await acme().expireDue(before, 10)).toEqual([]);
      expect(await acme().get(made.id)).toMatchObject({ status: "active" });
      expect(await acme().expireDue(over, 10)).toEqual([made.exceptionId]);
      expect(await acme().get(made.id)).toMatchObject({ status: "expired", updatedAt: over, revision: 4n });
      expect(await acme().expireDue(over, 10)).toEqual([]);
      // The past is told as it is stored now: what has expired is active at no instant any more.
      expect(await listed(noon)).toEqual([]);
    });

    it("exceptions.expireDue: with listActive, as a plain reference says at every millisecond tried", async () => {
      const vulnerability = fresh("CVE");
      const edges = [0, 1, 2, 4, 7];
      const windows = edges.flatMap((from) => edges.filter((to) => to > from).map((to) => ({ from, to })));
      const made = await inTurn(windows, async ({ from, to }) => {
        const { id, exceptionId } = await active({ vulnerability, effectiveAt: ms(from), expiresAt: ms(to) });
        return { id, exceptionId, from, to };
      });
      const names = (of: readonly { readonly exceptionId: string }[]) =>
        of.map(({ exceptionId }) => exceptionId).toSorted();
      const listed = async (n: number) =>
        names(await whole((request) => acme().listActive(ms(n), vulnerability, request)));
      for (let n = -1, last = -Infinity; n <= 8; last = n, n += 1) {
        const expected = names(made.filter(({ from, to }) => from <= n && n < to));
        expect([n, await listed(n)]).toEqual([n, expected]);
        const due = names(made.filter(({ to }) => last < to && to <= n));
        expect([n, (await acme().expireDue(ms(n), 1_000)).toSorted()]).toEqual([n, due]);
        // What expired was listed no more already.
        expect([n, await listed(n)]).toEqual([n, expected]);
      }
    });

    it("exceptions.listActive: active ones of that vulnerability alone, own and shared, by effectiveAt, then id", async () => {
      const vulnerability = fresh("CVE");
      const times = [-1, -3, -2, -2].map(minute);
      await inTurn(times, (effectiveAt) => active({ vulnerability, effectiveAt }));
      await active({ vulnerability, effectiveAt: minute(-2) }, "@global");
      await active({ vulnerability }, "umbrella");
      await active();
      await stored({ vulnerability, effectiveAt: minute(-2) });
      await revoke((await active({ vulnerability, effectiveAt: minute(-2) })).id);
      const listed = await whole((request) => acme().listActive(noon, vulnerability, request));
      expect(listed.map(({ effectiveAt }) => effectiveAt)).toEqual([-3, -2, -2, -2, -1].map(minute));
      const ids = listed.slice(1, 4).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
      const odd = outcomeOf(() => acme().listActive(new Date(Number.NaN), vulnerability));
      expect(await odd).toMatchObject({ error: "VALUE_DATE", path: "effectiveAt" });
      const none = outcomeOf(() => acme().listActive(noon, null as never));
      expect(await none).toMatchObject({ error: "VALUE_INVALID", path: "vulnerability" });
    });

    it("exceptions.expireDue: the longest over first, at most the limit, of the tenant alone", async () => {
      const made = await inTurn([30, 10, 20, 10], (n) => active({ expiresAt: minute(n) }));
      await active({ expiresAt: minute(5) }, "umbrella");
      await active({ expiresAt: minute(5) }, "@global");
      const tied = [made[1]!, made[3]!].toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(await acme().expireDue(minute(60), 3)).toEqual([...tied, made[2]!].map(({ exceptionId }) => exceptionId));
      expect(await acme().expireDue(minute(60), 3)).toEqual([made[0]!.exceptionId]);
      for (const limit of [0, 1_001, 1.5])
        expect(await outcomeOf(() => acme().expireDue(noon, limit))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it("exceptions.expireDue: each is given to one of many at once", async () => {
      const made = await inTurn(Array.from({ length: 8 }), () => active());
      const answers = await Promise.all(Array.from({ length: 4 }, () => acme().expireDue(over, 3)));
      const given = [...answers.flat(), ...(await acme().expireDue(over, 10))];
      expect(given.toSorted()).toEqual(made.map(({ exceptionId }) => exceptionId).toSorted());
    });
  });
}
