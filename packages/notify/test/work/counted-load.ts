import { must, revisionOf, type LoadContext } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { entry } from "../samples.ts";
import { approval, event, message, throttleLimit } from "./samples.ts";

type Context = LoadContext<NotifyRepositories>;

const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** What is counted, decided and told: incidents, limits, approvals, the inbox, locks, the audit trail. */
export class Counted {
  readonly #on: Context["on"];
  readonly #context: Context;

  constructor(context: Context) {
    this.#on = context.on;
    this.#context = context;
  }

  async round(turn: number): Promise<void> {
    await this.#incidents();
    await this.#throttles();
    await this.#approvals();
    await this.#inbox();
    await this.#locks();
    await this.#audit(turn);
  }

  #id(): string {
    return this.#context.ids.next();
  }

  async #incidents(): Promise<void> {
    const { incidents } = this.#on;
    const at = this.#context.now();
    const correlationKey = this.#context.key();
    const happen = () => incidents.correlate(event({ id: this.#id(), correlationKey, at }));
    const { id } = (await happen()).incident;
    must("an acknowledged incident", revisionOf(await incidents.acknowledge(id, at)), 2n);
    must("an incident that is counted", (await happen()).incident.eventCount, 2n);
    must("a resolved incident", revisionOf(await incidents.resolve(id, at)), 4n);
    this.#context.tell(`incidents/${id}`, 4n);
    const next = await happen();
    must("the next incident of its key", next.created, true);
    this.#context.tell(`incidents/${next.incident.id}`, 1n);
    must("an incident", (await incidents.get(id))?.eventCount, 2n);
    await incidents.listByStatus("open", { limit: 5 });
    await incidents.list({ limit: 5 });
  }

  async #throttles(): Promise<void> {
    const { throttleConfigs } = this.#on;
    const at = this.#context.now();
    const scopeId = this.#context.key();
    const { id, scopeKind } = await throttleConfigs.configure(throttleLimit({ id: this.#id(), scopeId, at }));
    const consume = async (n: bigint, ms = 0) =>
      (await throttleConfigs.tryConsume({ scopeKind, scopeId, n, at: after(at, ms) }))?.allowed;
    must(
      "what a limit lets pass",
      [await consume(3n), await consume(1n), await consume(1n, 60_000)],
      [true, false, true],
    );
    await throttleConfigs.configure(throttleLimit({ id: this.#id(), scopeId, maxEvents: 1n, at }));
    must("a smaller limit", await consume(1n, 60_000), false);
    this.#context.tell(`throttleConfigs/${id}`, 4n);
    must("a limit by its scope", revisionOf(await throttleConfigs.findByScope(scopeKind, scopeId)), 4n);
    const other = await throttleConfigs.configure(throttleLimit({ id: this.#id(), scopeId: this.#context.key(), at }));
    await throttleConfigs.delete(other.id, 1n);
    this.#context.tell(`throttleConfigs/${other.id}`, null);
    must("a limit that is gone", await throttleConfigs.get(other.id), null);
    await throttleConfigs.list({ limit: 5 });
  }

  async #approvals(): Promise<void> {
    const { packApprovals } = this.#on;
    const at = this.#context.now();
    const asked = approval({ id: this.#id(), packId: this.#context.key(), at });
    const { id } = (await packApprovals.request(asked)).approval;
    must("the second request", (await packApprovals.request({ ...asked, id: this.#id() })).approval.id, id);
    const decide = () => packApprovals.decide({ id, state: "approved", by: "alone", reason: null, at });
    must("a decision", revisionOf(await decide()), 2n);
    must("and once", await decide(), null);
    this.#context.tell(`packApprovals/${id}`, 2n);
    must("an approval", (await packApprovals.get(id))?.state, "approved");
    await packApprovals.listByState("approved", { limit: 5 });
    await packApprovals.list({ limit: 5 });
  }

  async #inbox(): Promise<void> {
    const { inbox } = this.#on;
    const at = this.#context.now();
    const userId = this.#context.key();
    const [read, archived, gone] = [0, 1, 2].map(() => message({ id: this.#id(), userId }));
    if (read === undefined || archived === undefined || gone === undefined) throw new Error("no messages");
    for (const one of [read, archived, gone]) await inbox.put(one, 0n);
    await inbox.put({ ...read, title: "Another" }, 1n);
    await inbox.delete(gone.id, 1n);
    this.#context.tell(`inbox/${gone.id}`, null);
    must("an archived message", revisionOf(await inbox.archive(archived.id, at)), 2n);
    must("a read message", revisionOf(await inbox.markRead(archived.id, at)), 3n);
    this.#context.tell(`inbox/${archived.id}`, 3n);
    must("messages that are unread", await inbox.unreadCount(userId), 1n);
    must("messages of a user", (await inbox.listForUser(userId)).items.length, 1);
    const all = () => inbox.markAllRead({ userId, limit: 100, at });
    must("messages that were marked", [await all(), await all()], [1, 0]);
    this.#context.tell(`inbox/${read.id}`, 3n);
    must("a message", revisionOf(await inbox.get(read.id)), 3n);
    await inbox.list({ limit: 5 });
  }

  async #locks(): Promise<void> {
    const { locks } = this.#on;
    const at = this.#context.now();
    const key = this.#context.key();
    const id = this.#id();
    const asked = { key, id, holder: "alone", at, until: after(at, 60_000) };
    const held = await locks.acquire(asked);
    must("a lock that another wants", await locks.acquire({ ...asked, id: this.#id(), holder: "other" }), null);
    const holding = { key, holder: "alone", token: held?.token ?? 0n, at };
    must("a renewed lock", await locks.renew({ ...holding, until: after(at, 90_000) }), true);
    must("a released lock", await locks.release(holding), true);
    this.#context.tell(`locks/${id}`, 3n);
    must("a lock", revisionOf(await locks.get(id)), 3n);
    await locks.list({ limit: 5 });
  }

  async #audit(turn: number): Promise<void> {
    const { audit } = this.#on;
    const said = entry({
      id: this.#id(),
      targetId: this.#context.key(),
      details: { turn },
      occurredAt: this.#context.now(),
    });
    const old = entry({ id: this.#id(), occurredAt: new Date("2001-01-01T00:00:00.000Z") });
    await audit.append([said, old]);
    must("old entries that went", await audit.purge({ at: this.#context.now(), keepDays: 30, limit: 100 }), 1);
    this.#context.tell(`audit/${said.id}`, 1n);
    this.#context.tell(`audit/${old.id}`, null);
    must("the audit trail", (await audit.listByTarget("channel", said.targetId)).items.length, 1);
    must("an entry", revisionOf(await audit.get(said.id)), 1n);
    await audit.list({ limit: 5 });
  }
}
