import { codeOf, retryTransient, type Register, type TenantId } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import { noObserver, type Call, type Observer } from "../observe/observer.ts";
import type { Key } from "../replication/replica.ts";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import type { Access, Backend, Repositories } from "./backend.ts";
import type { AwaitOptions, RunOptions, SecondaryOutcome } from "./run-options.ts";
import { tell, type Runner } from "./runner.ts";
import type { Backends } from "./seams.ts";
import type { Ask } from "./shadow.ts";

export interface LiveOptions {
  readonly module: string;
  readonly stage: StageSource;
  readonly backends: Backends;
  /** Gets the keys of each unit after its commit, when the stage replicates. */
  readonly handOff: (keys: readonly Key[]) => void;
  /** Called in the same tick as `handOff`: what has become of these keys at the secondary by the deadline. */
  readonly applied?: (keys: readonly Key[], deadlineMs: number) => Promise<SecondaryOutcome>;
  /** Gets what a unit is run again for. */
  readonly failed?: (error: unknown) => void;
  /** Gets a read that was answered, in stages that compare: it may ask the other database the same. */
  readonly shadow?: (view: StageView, ask: Ask, answer: unknown) => void;
  /** Where a call says nothing else. */
  readonly awaits?: AwaitOptions;
  /** How long a unit may take at its primary before it is ended and run again. */
  readonly unitCapMs?: number | undefined;
  readonly faults?: Faults;
  readonly observer?: Observer;
}

type Run<T> = (backend: Backend, access: Access, work: (repositories: Repositories) => Promise<T>) => Promise<T>;
type Work<T> = (repositories: Repositories) => Promise<T>;

/** Follows the stage: each unit begins under one view of it, enters that epoch, and is run again as a whole when the epoch is over. */
export function liveRunner(options: LiveOptions): Runner {
  const { module, stage, backends, handOff, shadow, awaits = {}, faults = noFaults, observer = noObserver } = options;
  const { applied = () => Promise.resolve("late" as const), failed = () => {}, unitCapMs } = options;

  /** One attempt: a view, the unit on its primary, and the keys that it has changed. */
  const attempt = async <T>(view: StageView, access: Pick<Access, "tenant" | "signal">, run: Run<T>, work: Work<T>) => {
    await faults.at("unit-begun");
    const keys: Key[] = [];
    const { tenant } = access;
    const register: Register = {
      module,
      generation: view.generation,
      pending: view.secondary !== null,
      touched: (aggregate, ids) => keys.push(...ids.map((id) => ({ aggregate, tenant, id }))),
    };
    const live = { epoch: view.epoch, register, ...(unitCapMs === undefined ? {} : { capMs: unitCapMs }) };
    const answer = await run(backends[view.primary], { ...access, writes: true, live }, async (repositories) => {
      const result = await work(repositories);
      await faults.at("unit-written");
      return result;
    });
    await faults.at("unit-committed");
    return { answer, keys };
  };

  /** Null: nobody waits. */
  const replicated = (view: StageView, keys: readonly Key[], given: RunOptions): Promise<SecondaryOutcome> | null => {
    const { await: whom = "primary", awaitMs = 1_000 } = { ...awaits, ...given };
    const nothing = view.secondary === null || keys.length === 0;
    if (!nothing) handOff(keys);
    if (whom === "primary") return null;
    return nothing ? Promise.resolve("none") : applied(keys, awaitMs).catch(() => "late");
  };

  const write = <T>(tenant: TenantId, call: Call, run: Run<T>, work: Work<T>, given: RunOptions = {}): Promise<T> =>
    observer.unit(call, async (begun) => {
      const { signal } = given;
      const { answer, view, keys } = await retryTransient(
        async () => {
          const seen = await stage.begin(given);
          begun(seen);
          return { view: seen, ...(await attempt(seen, { tenant, signal }, run, work)) };
        },
        {
          ...given,
          onRetry(error) {
            observer.retried(call, error);
            if (codeOf(error) === "FENCED") stage.refresh();
            else failed(error);
          },
        },
      );
      const outcome = replicated(view, keys, given);
      await faults.at("unit-handed");
      if (outcome !== null) {
        const found = await outcome;
        observer.awaited(found);
        tell(given, found);
      }
      return answer;
    });

  const read = <T>(tenant: TenantId, call: Call, work: Work<T>): Promise<T> =>
    observer.unit(call, (begun) =>
      retryTransient(
        async () => {
          const ticket = await stage.beginRead();
          const { view } = ticket;
          begun(view);
          const ask: (database: "mongo" | "postgres") => Promise<T> = (database) =>
            backends[database].single({ tenant, writes: false, live: null }, work);
          // An error is an answer too, and counts no more than any other without the lease.
          const answer = await ask(view.primary).finally(() => stage.assertReadable(ticket));
          shadow?.(view, ask, answer);
          return answer;
        },
        { onRetry: (error) => observer.retried(call, error) },
      ),
    );

  return {
    verb: (tenant, call, work) => (call.kind === "read" ? read(tenant, call, work) : write(tenant, call, single, work)),
    transaction: (tenant, work, given) => write(tenant, unitOfWork, whole, work, given),
  };
}

const unitOfWork: Call = { name: "transaction", kind: "write" };
const single = <T>(backend: Backend, access: Access, work: Work<T>): Promise<T> => backend.single(access, work);
const whole = <T>(backend: Backend, access: Access, work: Work<T>): Promise<T> => backend.transaction(access, work);
