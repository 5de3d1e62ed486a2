import { sha256 } from "@stellaops/kernel";
import { claimsContract, inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { EscalationState, NotifyRepositories } from "../../src/index.ts";
import { claim, minute, newId, noon, refOf } from "../samples.ts";
import { escalation, token } from "../work/samples.ts";

const released = { leaseHolder: null, leaseUntil: null, claimId: null };
const over = { ...released, nextAt: null, ackTokenHash: null, ackExpiresAt: null };
const stateOf = ({ at, step, ack, ...given }: ReturnType<typeof escalation>): EscalationState => ({
  ...given,
  ...step,
  status: "active",
  ackTokenHash: ack?.hash ?? null,
  ackExpiresAt: ack?.expiresAt ?? null,
  attempts: 0n,
  ...released,
  createdAt: at,
  updatedAt: at,
});
const lost = { error: "CLAIM_LOST", family: "conflict" };

export function escalationStatesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).escalationStates;
  const acme = () => at("acme");
  const started = async (given: Partial<ReturnType<typeof escalation>> = {}, tenant = "acme") =>
    (await at(tenant).start(escalation(given))).state;
  const claimed = async (given: Partial<ReturnType<typeof escalation>> = {}) => {
    await started(given);
    const [mine] = await acme().claimDue(claim());
    return refOf(mine!);
  };
  readerContract({
    name: "escalationStates",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, policyId, incidentId } = item as EscalationState;
      return at(tenant).start(escalation({ id, policyId, incidentId, ack: null }));
    },
    make: (id = newId()) => stateOf(escalation({ id, ack: null })),
  });
  claimsContract({
    name: "escalationStates",
    verb: "claimDue",
    add: (tenant, { id, due }) => at(tenant).start(escalation({ id, step: { stage: 0, nextAt: due } })),
    claim: (tenant, request) => at(tenant).claimDue(request),
    heartbeat: (tenant, ref, lease) => at(tenant).heartbeat(ref, lease),
    settle: (tenant, ref, when) => at(tenant).advance(ref, { next: null, at: when }),
    get: (tenant, id) => at(tenant).get(id),
  });

  describe("escalationStates, particular", () => {
    it("escalationStates.start: one that is active an incident, whatever the second says", async () => {
      const given = escalation();
      const state = { ...stateOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().start(given)).toEqual({ state, created: true });
      const { incidentId } = given;
      expect(await acme().start(escalation({ incidentId }))).toEqual({ state, created: false });
      for (const tenant of ["umbrella", "@global"])
        expect(await at(tenant).start(escalation({ incidentId }))).toMatchObject({ created: true });
      await acme().resolve(given.id, minute(1));
      expect(await acme().start(escalation({ incidentId }))).toMatchObject({ created: true });
      expect((await at("umbrella").list()).items).toHaveLength(2);
    });

    it("escalationStates.start: one of many at once creates it", async () => {
      const { incidentId } = escalation();
      const answers = await Promise.all(Array.from({ length: 10 }, () => acme().start(escalation({ incidentId }))));
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("escalationStates.start: refuses a token that is no hash, one that is taken, and a stage that is never due", async () => {
      const given = escalation();
      await acme().start(given);
      const start = (one: object) => outcomeOf(() => acme().start({ ...escalation(), ...one }));
      const plain = { hash: "secret-token", expiresAt: minute(1) };
      expect(await start({ ack: plain })).toMatchObject({ error: "SECRET_PLAIN", path: "ackTokenHash" });
      expect(await start({ ack: plain, incidentId: given.incidentId })).toMatchObject({ error: "SECRET_PLAIN" });
      expect(await start({ ack: { ...token(), expiresAt: null } })).toMatchObject({ error: "VALUE_NULL" });
      expect(await start({ step: { stage: 0, nextAt: null } })).toMatchObject({ error: "VALUE_NULL", path: "nextAt" });
      expect(await start({ step: { stage: -1, nextAt: noon } })).toMatchObject({ error: "VALUE_OUT_OF_RANGE" });
      expect(await start({ id: given.id })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await start({ ack: given.ack })).toMatchObject({ error: "UNIQUE_VIOLATION", family: "integrity" });
    });

    it("escalationStates.claimDue: none that is over", async () => {
      const states = await inTurn([0, 1, 2], () => started());
      await acme().resolve(states[0]!.id, noon);
      await acme().acknowledge({ tokenHash: states[1]!.ackTokenHash!, at: noon });
      expect(await acme().claimDue(claim())).toMatchObject([{ id: states[2]!.id }]);
    });

    it("escalationStates.advance: the next stage is due when it says, under a new token where one is given", async () => {
      const first = token();
      const ref = await claimed({ ack: first });
      const moved = await acme().advance(ref, { next: { stage: 1, nextAt: minute(30) }, at: minute(1) });
      const told = { ...released, stage: 1, nextAt: minute(30), status: "active", ackTokenHash: first.hash };
      expect(moved).toMatchObject({ ...told, updatedAt: minute(1), attempts: 1n });
      expect(await acme().get(ref.id)).toEqual(moved);
      const next = { stage: 2, nextAt: minute(60) };
      expect(await outcomeOf(() => acme().advance(ref, { next, at: minute(2) }))).toMatchObject(lost);
      const take = (n: number) => acme().claimDue(claim({ at: minute(n), until: minute(n + 1) }));
      expect(await take(29.99)).toEqual([]);
      const [again] = await take(30);
      const second = token();
      await acme().advance(refOf(again!), { next, ack: second, at: minute(31) });
      expect(await acme().acknowledge({ tokenHash: first.hash, at: minute(32) })).toBeNull();
      expect(await acme().acknowledge({ tokenHash: second.hash, at: minute(32) })).toMatchObject({ id: ref.id });
    });

    it("escalationStates.advance: after the last stage it has expired, and is claimed and acknowledged no more", async () => {
      const ack = token();
      const ref = await claimed({ ack });
      expect(await acme().advance(ref, { next: null, at: minute(1) })).toMatchObject({ ...over, status: "expired" });
      expect(await acme().claimDue(claim({ at: minute(99), until: minute(100) }))).toEqual([]);
      expect(await acme().acknowledge({ tokenHash: ack.hash, at: minute(2) })).toBeNull();
      const bad = { next: { stage: 1, nextAt: new Date(Number.NaN) }, at: noon };
      expect(await outcomeOf(() => acme().advance(ref, bad))).toMatchObject({ error: "VALUE_DATE", path: "nextAt" });
    });

    it("escalationStates.acknowledge: a token works once, however many use it at once, and voids a claim", async () => {
      const ack = token();
      const ref = await claimed({ ack });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => acme().acknowledge({ tokenHash: ack.hash, at: minute(1) })),
      );
      const [won, ...others] = answers.filter((answer) => answer !== null);
      expect(others).toEqual([]);
      expect(won).toMatchObject({ ...over, id: ref.id, status: "acknowledged", updatedAt: minute(1) });
      expect(await acme().get(ref.id)).toEqual(won);
      expect(await outcomeOf(() => acme().advance(ref, { next: null, at: minute(2) }))).toMatchObject(lost);
    });

    it("escalationStates.acknowledge: before the token expires, to the millisecond, and by the tenant alone", async () => {
      const ack = token({ expiresAt: minute(10) });
      await started({ ack });
      const use = (when: Date, tenant = "acme") => at(tenant).acknowledge({ tokenHash: ack.hash, at: when });
      expect(await use(minute(10))).toBeNull();
      expect(await use(noon, "umbrella")).toBeNull();
      expect(await use(noon, "@global")).toBeNull();
      expect(await use(new Date(minute(10).getTime() - 1))).toMatchObject({ status: "acknowledged" });
      const none = (tokenHash: unknown) => outcomeOf(() => acme().acknowledge({ tokenHash, at: noon } as never));
      expect(await none("token")).toMatchObject({ error: "SECRET_PLAIN", path: "ackTokenHash" });
      expect(await none(null)).toMatchObject({ family: "data" });
      expect(await none(sha256("unknown"))).toMatchObject({ value: null });
    });

    it("escalationStates.resolve: once, however far it had come, and voids a claim", async () => {
      const ref = await claimed();
      const done = await acme().resolve(ref.id, minute(1));
      expect(done).toMatchObject({ ...over, status: "resolved", updatedAt: minute(1) });
      expect(await acme().resolve(ref.id, minute(2))).toBeNull();
      expect(await outcomeOf(() => acme().advance(ref, { next: null, at: minute(2) }))).toMatchObject(lost);
      const shared = await started({}, "@global");
      expect(await acme().resolve(shared.id, noon)).toBeNull();
      expect(await outcomeOf(() => acme().resolve("x", noon))).toMatchObject({ error: "VALUE_ID" });
    });

    it("escalationStates.findActive: the tenant's own before the shared one, and none that is over", async () => {
      const shared = await started({}, "@global");
      const { incidentId } = shared;
      expect(await acme().findActive(incidentId)).toEqual(shared);
      const own = await started({ incidentId });
      expect(await acme().findActive(incidentId)).toEqual(own);
      await acme().resolve(own.id, noon);
      expect(await acme().findActive(incidentId)).toEqual(shared);
      expect(await acme().findActive(newId())).toBeNull();
      expect(await outcomeOf(() => acme().findActive(null as never))).toMatchObject({ family: "data" });
    });
  });
}
