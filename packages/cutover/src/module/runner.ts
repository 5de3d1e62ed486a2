import { codeOf, retryTransient, type Register, type TenantId } from "@stellaops/kernel";
import type { StageSource } from "../source.ts";
import type { Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import type { Backend, Repositories } from "./backend.ts";
import type { VerbKind } from "./wiring.ts";

export interface RunOptions {
  /** How long transient errors are met by running the whole again; milliseconds, 10,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs verbs and units of work where the stage says. */
export interface Runner {
  verb<T>(tenant: TenantId, kind: VerbKind, work: (repositories: Repositories) => Promise<T>): Promise<T>;
  transaction<T>(tenant: TenantId, work: (repositories: Repositories) => Promise<T>, options?: RunOptions): Promise<T>;
}

/** One database, for as long as the process lives: no cutover code is on the path. */
export const fixedRunner = (backend: Backend): Runner => ({
  verb: (tenant, kind, work) =>
    retryTransient(() => backend.single({ tenant, writes: kind === "write", live: null }, work)),
  transaction: (tenant, work, options) =>
    retryTransient(
      () => backend.transaction({ tenant, writes: true, live: null, signal: options?.signal }, work),
      options,
    ),
});

/** A key that was changed by a committed unit. */
export interface Touched {
  readonly aggregate: string;
  readonly tenant: TenantId;
  readonly id: string;
}

export interface LiveOptions {
  readonly module: string;
  readonly stage: StageSource;
  readonly backends: { readonly [D in Database]: Backend };
  /** Gets the keys of each unit after its commit, when the stage replicates. */
  readonly handOff: (view: StageView, keys: readonly Touched[]) => void;
  /** Gets a read that was answered, in stages that compare: it may ask the other database the same. */
  readonly shadow?: (view: StageView, ask: (database: Database) => Promise<unknown>, answer: unknown) => void;
}

/** Follows the stage: each unit begins under one view of it, enters that epoch, and is run again as a whole when the epoch is over. */
export function liveRunner({ module, stage, backends, handOff, shadow }: LiveOptions): Runner {
  const write = async <T>(
    tenant: TenantId,
    run: (backend: Backend, access: Parameters<Backend["single"]>[0]) => Promise<T>,
    options?: RunOptions,
  ): Promise<T> =>
    retryTransient(
      async () => {
        const view = await stage.begin(options);
        const keys: Touched[] = [];
        const pending = view.secondary !== null;
        const register: Register = {
          module,
          generation: view.generation,
          pending,
          touched: (aggregate, ids) => keys.push(...ids.map((id) => ({ aggregate, tenant, id }))),
        };
        const live = { epoch: view.epoch, register };
        const answer = await run(backends[view.primary], { tenant, writes: true, live, signal: options?.signal });
        if (pending && keys.length > 0) handOff(view, keys);
        return answer;
      },
      {
        ...options,
        onRetry: (error) => {
          if (codeOf(error) === "FENCED") stage.refresh();
        },
      },
    );

  const read = <T>(tenant: TenantId, work: (repositories: Repositories) => Promise<T>): Promise<T> =>
    retryTransient(async () => {
      const ticket = await stage.beginRead();
      const { view } = ticket;
      const ask = (database: Database) => backends[database].single({ tenant, writes: false, live: null }, work);
      // An error is an answer too, and counts no more than any other without the lease.
      const answer = await ask(view.primary).finally(() => stage.assertReadable(ticket));
      shadow?.(view, ask, answer);
      return answer;
    });

  return {
    verb: (tenant, kind, work) =>
      kind === "read" ? read(tenant, work) : write(tenant, (backend, access) => backend.single(access, work)),
    transaction: (tenant, work, options) =>
      write(tenant, (backend, access) => backend.transaction(access, work), options),
  };
}
