import { sha256 } from "@stellaops/kernel";
import { must, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { refOf } from "../samples.ts";
import { approval, delivery, escalation, event, item, throttleLimit } from "../work/samples.ts";

type Context = LoadContext<NotifyRepositories>;

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
/** What rivals share for ten rounds each: what was written all the time would be pending at every look of the guard, which waits for keys. */
const blockOf = (turn: number): number => Math.floor(turn / 10);
const idOf = (kind: number, turn: number): string =>
  `01890000-0000-7000-900${kind}-${turn.toString(16).padStart(12, "0")}`;

/** One of several, in several processes, that want the same of everything: what each is given is given to it alone. */
export class Rival implements LoadWorker {
  readonly #on: Context["on"];
  readonly #context: Context;
  readonly #holder: string;

  constructor(context: Context) {
    this.#on = context.on;
    this.#context = context;
    this.#holder = `rival ${context.seed}`;
  }

  async round(turn: number): Promise<void> {
    await this.#delivery(turn);
    await this.#digest(turn);
    await this.#escalation(turn);
    await this.#incident(turn);
    await this.#throttle(turn);
    await this.#approval(turn);
  }

  /** What is left is done, and no more is to be had. */
  async finish(): Promise<void> {
    for (let left = 1; left > 0;) left = await this.#send(100);
    for (let left = 1; left > 0;) left = await this.#flush(86_400_000);
  }

  #claim(limit: number, ms = 0) {
    const at = later(this.#context.now(), ms);
    // Longer than this test: no lease runs out, so that each attempt is one holder's alone.
    return { limit, holder: this.#holder, at, until: later(at, 3_600_000), claimId: this.#context.ids.next() };
  }

  /** Every rival asks for the same deliveries: one of them creates each, and one sends it. */
  async #delivery(turn: number): Promise<void> {
    const at = this.#context.now();
    const idempotencyKey = `delivery ${turn}`;
    const asked = delivery({ id: this.#context.ids.next(), idempotencyKey, at });
    if ((await this.#on.deliveries.enqueue(asked)).created) this.#context.once(idempotencyKey);
    await this.#send(2);
  }

  async #send(limit: number): Promise<number> {
    const { deliveries } = this.#on;
    const claimed = await deliveries.claim(this.#claim(limit));
    for (const one of claimed) {
      this.#context.once(`sending ${one.idempotencyKey}/${one.attempt}`);
      const sent = await deliveries.markSent(refOf(one), { response: null, at: this.#context.now() });
      must("a delivery that was sent once", [sent.attempt, sent.status], [1n, "sent"]);
      this.#context.once(`sent ${one.idempotencyKey}`);
    }
    return claimed.length;
  }

  /** Items that all add to one digest, while all flush it: each item is flushed by one. */
  async #digest(turn: number): Promise<void> {
    const said = `${this.#holder} ${turn}`;
    const at = this.#context.now();
    const added = item({ id: this.#context.ids.next(), actionKey: `digest ${blockOf(turn)}`, item: said, at });
    await this.#on.digests.addItem({ ...added, window: "instant" });
    await this.#flush(0);
  }

  async #flush(ms: number): Promise<number> {
    const { digests } = this.#on;
    const claimed = await digests.flushDue(this.#claim(2, ms));
    for (const digest of claimed) {
      for (const said of digest.items as readonly string[]) this.#context.once(`item of ${said}`);
      await digests.close(refOf(digest), { at: this.#context.now() });
    }
    return claimed.length;
  }

  /** One escalation an incident, told once, and acknowledged by one. */
  async #escalation(turn: number): Promise<void> {
    const { escalationStates } = this.#on;
    const at = this.#context.now();
    const incidentId = idOf(0, turn);
    const ack = { hash: sha256(incidentId), expiresAt: later(at, 3_600_000) };
    // Once it was acknowledged another could be started: each rival asks until one has been.
    const { created } = await escalationStates
      .start(escalation({ id: idOf(1, turn), incidentId, ack, step: { stage: 0, nextAt: later(at, 3_600_000) }, at }))
      .catch(this.#startedBefore);
    if (created) this.#context.once(`escalation of ${incidentId}`);
    const won = await escalationStates.acknowledge({ tokenHash: ack.hash, at });
    if (won !== null) this.#context.once(`acknowledgement of ${incidentId}`);
  }

  readonly #startedBefore = (error: unknown): { readonly created: boolean } => {
    if ((error as { readonly code?: string }).code !== "REVISION_CONFLICT") throw error;
    return { created: false };
  };

  /** Its count goes up by one with each event: no two are told one number. */
  async #incident(turn: number): Promise<void> {
    const correlationKey = `incident ${blockOf(turn)}`;
    const at = this.#context.now();
    const happened = event({ id: this.#context.ids.next(), correlationKey, at });
    const { incident, created } = await this.#on.incidents.correlate(happened);
    if (created) this.#context.once(correlationKey);
    this.#context.once(`event ${incident.eventCount} of ${correlationKey}`);
  }

  /** Three of any number are let pass: no two are told one number. */
  async #throttle(turn: number): Promise<void> {
    const { throttleConfigs } = this.#on;
    const at = this.#context.now();
    const scope = { scopeKind: "channel", scopeId: `throttle ${blockOf(turn)}` } as const;
    if (turn % 10 === 0)
      await throttleConfigs.configure(
        throttleLimit({ ...scope, id: this.#context.ids.next(), windowSeconds: 31_536_000, at }),
      );
    const answer = await throttleConfigs.tryConsume({ ...scope, n: 1n, at });
    if (answer?.allowed === true) this.#context.once(`${answer.left} left of ${scope.scopeId}`);
  }

  /** One decision a request. */
  async #approval(turn: number): Promise<void> {
    const { packApprovals } = this.#on;
    const at = this.#context.now();
    const id = idOf(2, turn);
    await packApprovals.request(approval({ id, packId: `pack ${turn}`, at })).catch(this.#startedBefore);
    const decided = await packApprovals.decide({ id, state: "approved", by: this.#holder, reason: null, at });
    if (decided !== null) this.#context.once(`decision of ${id}`);
  }
}
