import type { TenantId } from "@stellaops/kernel";
import {
  answerWithin,
  Batch,
  scope,
  singleUnit,
  transaction,
  type Result,
  type Statement,
  type Unit,
} from "@stellaops/postgres";
import type { Pool, PoolClient } from "pg";

interface Waiting {
  readonly tenant: TenantId;
  readonly statements: readonly Statement[];
  readonly settle: (results: Promise<readonly Result[]>) => void;
}

/** Statements that one flush holds at most, so that no read waits behind very many others. */
const flush = 32;

/**
 * Reads that would wait for a connection travel together: one flush, one round trip and one setting of the tenant for all of one tenant
 * that have gathered meanwhile. A read for which a connection is free goes at once and alone, so nobody waits for company.
 */
export class SharedReads {
  readonly #pool: Pool;
  readonly #waiting: Waiting[] = [];
  /** Flushes that wait for a connection; those that have one are of no use to whoever comes now. */
  #gathering = 0;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  unit(tenant: TenantId): Unit {
    return {
      tenant,
      register: null,
      run: (statements) => (this.#free() ? this.#alone(tenant, statements) : this.#together(tenant, statements)),
      atomically: (work) => transaction(this.#pool, { tenant, writes: false }, work),
      committed: (effect) => effect(),
    };
  }

  #free(): boolean {
    const { idleCount, totalCount, waitingCount, options } = this.#pool;
    return this.#waiting.length === 0 && waitingCount === 0 && (idleCount > 0 || totalCount < options.max);
  }

  #alone(tenant: TenantId, statements: readonly Statement[]): Promise<readonly Result[]> {
    return singleUnit(this.#pool, { tenant, writes: false }).run(statements);
  }

  #together(tenant: TenantId, statements: readonly Statement[]): Promise<readonly Result[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Result[]>();
    this.#waiting.push({ tenant, statements, settle: resolve });
    // As many as there are connections, each in the pool's own queue: whoever else waits there has its turn.
    if (this.#gathering < this.#pool.options.max) void this.#flush();
    return promise;
  }

  async #flush(): Promise<void> {
    this.#gathering += 1;
    const client = await this.#pool.connect().catch(() => null);
    const group = this.#take();
    this.#gathering -= 1;
    if (this.#waiting.length > this.#gathering && this.#gathering < this.#pool.options.max) void this.#flush();
    try {
      if (client === null) throw new Error("no connection");
      const [first] = group;
      if (first !== undefined) await answer(client, first.tenant, group, answerWithin(this.#pool));
      client.release();
    } catch {
      client?.release(true);
      // One of them may have failed for all: each is asked alone, and gets its own answer or error.
      for (const { tenant, statements, settle } of group) settle(this.#alone(tenant, statements));
    }
  }

  /** The longest-waiting tenant's, and no more than leaves the other connections their share. */
  #take(): readonly Waiting[] {
    const most = Math.min(flush, Math.ceil(this.#waiting.length / this.#pool.options.max));
    const [first] = this.#waiting;
    const group = this.#waiting.filter(({ tenant }) => tenant === first?.tenant).slice(0, most);
    const taken = new Set(group);
    this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((one) => !taken.has(one)));
    return group;
  }
}

async function answer(
  client: PoolClient,
  tenant: TenantId,
  group: readonly Waiting[],
  withinMs: number,
): Promise<void> {
  const all = group.flatMap(({ statements }) => statements);
  const results = await client.query(new Batch([scope(tenant), ...all], withinMs)).done;
  let next = 1;
  for (const { statements, settle } of group) settle(Promise.resolve(results.slice(next, (next += statements.length))));
}
