import { definitions, text } from "@stellaops/kernel";
import { openNotify, type Channel, type Notify } from "@stellaops/notify";
import { expect, it } from "vitest";
import type { DB } from "../src/postgres/generated/database.ts";
import { claim, noon } from "./samples.ts";
import { delivery, escalation, item, throttleLimit } from "./work/samples.ts";

/** What must not compile. The compiler checks this file with the others (`tsc -b`): a line that compiles after all is its error. */
export async function mustNotCompile(notify: Notify, channel: Channel): Promise<void> {
  const acme = notify.tenant("acme");

  // @ts-expect-error no repository without a tenant
  await notify.channels.get("x");
  // @ts-expect-error a delivery is changed by its verbs only
  await acme.deliveries.put(delivery(), 0n);
  // @ts-expect-error a delivery is sent, not completed
  await acme.deliveries.complete({ id: "x", holder: "w", attempt: 1n }, { at: noon });
  // @ts-expect-error a failure says when it is tried again
  await acme.deliveries.markFailed({ id: "x", holder: "w", attempt: 1n }, { error: "x", at: noon });
  // @ts-expect-error no such status
  await acme.deliveries.transition({ id: "x", from: "queued", to: "gone", at: noon });
  // @ts-expect-error no such window
  await acme.digests.addItem({ ...item(), window: "2d" });
  // @ts-expect-error a digest is closed by its flusher
  await acme.digests.close("x", { at: noon });
  // @ts-expect-error a claim has an id
  await acme.digests.flushDue({ limit: 1, holder: "w", at: noon, until: noon });
  // @ts-expect-error an active escalation has a stage that is due
  await acme.escalationStates.start(escalation({ step: { stage: 0, nextAt: null } }));
  // @ts-expect-error a token is given as its hash
  await acme.escalationStates.acknowledge({ token: "x", at: noon });
  // @ts-expect-error an incident is opened by an event
  await acme.incidents.put({}, 0n);
  // @ts-expect-error a decision is one
  await acme.packApprovals.decide({ id: "x", state: "pending", by: "bob", reason: null, at: noon });
  // @ts-expect-error what has passed is counted by tryConsume alone
  await acme.throttleConfigs.configure({ ...throttleLimit(), events: 0n });
  // @ts-expect-error events are counted in bigints
  await acme.throttleConfigs.tryConsume({ scopeKind: "user", scopeId: "x", n: 1, at: noon });
  // @ts-expect-error append-only records are not deleted
  await acme.audit.delete("x", 1n);
  // @ts-expect-error a fencing token is a bigint
  await acme.locks.release({ key: "x", holder: "w", token: 1, at: noon });
  // @ts-expect-error a tenant does not see who else has work
  await acme.dueWork.dueTenants("digests", noon, 1);
  // @ts-expect-error who serves all tenants sees nothing of theirs
  await notify.system().deliveries.claim(claim());
  // @ts-expect-error no such kind
  const carried: Channel = { ...channel, kind: "pigeon" };
  // @ts-expect-error a stage is a known word
  await openNotify({ stage: "dual" });

  const { aggregate } = definitions<DB>("notify");
  // @ts-expect-error no table of that name
  aggregate("chanels", "channel", {});
  // @ts-expect-error a definition that lacks columns
  aggregate("audit", "entry", { actor: text() });

  void [carried];
}

it("types: what must not compile is checked by the compiler", () => {
  expect(mustNotCompile).toBeTypeOf("function");
});
