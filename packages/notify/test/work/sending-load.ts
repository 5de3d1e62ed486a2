import { sha256 } from "@stellaops/kernel";
import { must, revisionOf, type LoadContext } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { refOf } from "../samples.ts";
import { backoff, delivery, escalation, item } from "./samples.ts";

type Context = LoadContext<NotifyRepositories>;

/** After so many ms of the caller's clock. */
const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** What is claimed: deliveries, digests, escalations. */
export class Sending {
  readonly #on: Context["on"];
  readonly #context: Context;

  constructor(context: Context) {
    this.#on = context.on;
    this.#context = context;
  }

  async round(): Promise<void> {
    await this.#deliveries();
    await this.#digests();
    await this.#escalations();
  }

  #id(): string {
    return this.#context.ids.next();
  }
  #lease(ms = 0) {
    const at = after(this.#context.now(), ms);
    return { at, until: after(at, 60_000), holder: "alone", claimId: this.#id(), limit: 1 };
  }
  /** What was made ready is claimed by and by: a row that another connection made due is seen within a second. */
  async #taken<T>(claim: () => Promise<readonly T[]>): Promise<T> {
    for (let tries = 0; tries < 3_000; tries += 1) {
      const [one] = await claim();
      if (one !== undefined) return one;
    }
    throw new Error("nothing was claimed");
  }

  async #deliveries(): Promise<void> {
    const { deliveries } = this.#on;
    const at = this.#context.now();
    const idempotencyKey = this.#context.key();
    const asked = delivery({ id: this.#id(), idempotencyKey, at });
    const { id } = (await deliveries.enqueue(asked)).delivery;
    must("the second delivery of a key", (await deliveries.enqueue({ ...asked, id: this.#id() })).delivery.id, id);
    const take = () => {
      const lease = this.#lease(120_000);
      return this.#taken(() => deliveries.claim(lease));
    };
    const first = await take();
    must("the delivery that was enqueued", first.id, id);
    await deliveries.heartbeat(refOf(first), { at, until: after(at, 90_000) });
    await deliveries.markFailed(refOf(first), { error: "timeout", at, backoff });
    await take();
    must("leases that ran out", await deliveries.requeueExpired(after(at, 3_600_000), 100), 1);
    const sent = await deliveries.markSent(refOf(await take()), { response: { ok: true }, at });
    must("its attempts", [sent.attempt, sent.status], [3n, "sent"]);
    this.#context.tell(`deliveries/${id}`, (await deliveries.acknowledge(id, at))?.revision ?? null);
    must("a delivery by its key", (await deliveries.findByKey(idempotencyKey))?.status, "acknowledged");
    const held = (await deliveries.enqueue(delivery({ id: this.#id(), idempotencyKey: this.#context.key(), at })))
      .delivery;
    const move = { id: held.id, from: "queued", to: "throttled", at } as const;
    this.#context.tell(`deliveries/${held.id}`, (await deliveries.transition(move))?.revision ?? null);
    must("a delivery moved twice", await deliveries.transition(move), null);
    must("a delivery", revisionOf(await deliveries.get(held.id)), 2n);
    await deliveries.listNewest({ limit: 5 });
    await deliveries.list({ limit: 5 });
    const old = new Date("2001-01-01T00:00:00.000Z");
    const gone = (await deliveries.enqueue(delivery({ id: this.#id(), idempotencyKey: this.#context.key(), at: old })))
      .delivery;
    await deliveries.transition({ id: gone.id, from: "queued", to: "failed", at: old });
    must("old deliveries that went", await deliveries.purge({ at, keepDays: 7, limit: 100 }), 1);
    this.#context.tell(`deliveries/${gone.id}`, null);
  }

  async #digests(): Promise<void> {
    const { digests } = this.#on;
    const at = this.#context.now();
    const actionKey = this.#context.key();
    const add = (n: number) => digests.addItem(item({ id: this.#id(), actionKey, item: n, at }));
    const { digestId: id } = await add(1);
    must("items that were gathered", (await add(2)).itemCount, 2n);
    const flush = () => {
      const lease = this.#lease(300_000);
      return this.#taken(() => digests.flushDue(lease));
    };
    const mine = await flush();
    must("a digest with its items", [mine.id, mine.items], [id, [1, 2]]);
    const late = await add(3);
    must("an item that came late", [late.opened, late.digestId === id], [true, false]);
    await digests.heartbeat(refOf(mine), { at, until: after(at, 90_000) });
    const closed = await digests.close(refOf(mine), { at });
    this.#context.tell(`digests/${id}`, closed.revision);
    must("a digest", (await digests.get(id))?.status, "closed");
    const lease = this.#lease(600_000);
    const next = await this.#taken(() => digests.flushDue(lease));
    must("the next digest", next.items, [3]);
    this.#context.tell(`digests/${next.id}`, (await digests.close(refOf(next), { at })).revision);
    await digests.list({ limit: 5 });
  }

  async #escalations(): Promise<void> {
    const { escalationStates } = this.#on;
    const at = this.#context.now();
    const ack = { hash: sha256(this.#context.key()), expiresAt: after(at, 3_600_000) };
    const started = escalation({ id: this.#id(), incidentId: this.#id(), ack, step: { stage: 0, nextAt: at }, at });
    const { id, incidentId } = (await escalationStates.start(started)).state;
    const again = await escalationStates.start({ ...started, id: this.#id() });
    must("the second escalation of an incident", [again.created, again.state.id], [false, id]);
    const lease = this.#lease();
    const mine = await this.#taken(() => escalationStates.claimDue(lease));
    await escalationStates.heartbeat(refOf(mine), { at, until: after(at, 90_000) });
    const step = { stage: 1, nextAt: after(at, 3_600_000) };
    await escalationStates.advance(refOf(mine), { next: step, at });
    must("the active one", (await escalationStates.findActive(incidentId))?.stage, 1);
    const use = () => escalationStates.acknowledge({ tokenHash: ack.hash, at });
    must("a token that works", revisionOf(await use()), 5n);
    must("and once", await use(), null);
    const done = await escalationStates.resolve(id, at);
    this.#context.tell(`escalationStates/${id}`, done?.revision ?? null);
    must("an escalation", (await escalationStates.get(id))?.status, "resolved");
    await escalationStates.list({ limit: 5 });
  }
}
