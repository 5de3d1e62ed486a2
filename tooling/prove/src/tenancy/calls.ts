import { GLOBAL, isDataLayerError } from "@stellaops/kernel";
import type { Vuln } from "@stellaops/vuln";
import type { Random } from "../random.ts";
import { advisoryOf, idOf, keyOf, keys, scopeOf, tenants } from "./tenants.ts";

type Scope = ReturnType<typeof scopeOf>;
type Rows = readonly (object | null)[];
interface Row {
  readonly tenantId?: unknown;
  readonly primaryId?: unknown;
  readonly title?: unknown;
}

class OnPurpose extends Error {}

/** One call of a tenant; the rows that it was given. */
type Call = (scope: Scope, tenant: string, random: Random) => Promise<Rows>;

const page = (random: Random) => ({ limit: 1 + random.below(8) });
const some = (random: Random): number => random.below(keys);

const put: Call = async ({ advisories }, tenant, random) => {
  const key = some(random);
  const found = await advisories.get(idOf(key));
  const expected = found !== null && found.tenantId === tenant ? found.revision : 0n;
  await advisories.put(advisoryOf(tenant, key, random.below(1_000)), expected);
  return [found];
};

const calls: readonly Call[] = [
  async ({ advisories }, _tenant, random) => [await advisories.get(idOf(some(random)))],
  async ({ advisories }, _tenant, random) => [await advisories.findByKey(keyOf(some(random)))],
  async ({ advisories }, _tenant, random) => (await advisories.list(page(random))).items,
  async ({ advisories }, _tenant, random) => (await advisories.findByAlias("CVE", "CVE-2026-0001", page(random))).items,
  async ({ advisories }, _tenant, random) => (await advisories.search("of", page(random))).items,
  put,
  put,
  // What another tenant's row is called by is no key here.
  async ({ advisories }, tenant, random) => {
    const other = random.pick(tenants.filter((one) => one !== tenant && one !== GLOBAL));
    return (await advisories.findByAlias("OWNER", other, page(random))).items;
  },
  async ({ advisories }, tenant, random) => {
    await advisories.ingestBatch(
      [some(random), some(random)].map((key) => advisoryOf(tenant, key, random.below(1_000))),
    );
    return [];
  },
  async ({ advisories }, _tenant, random) => {
    const key = some(random);
    const found = await advisories.get(idOf(key));
    if (found !== null) await advisories.delete(idOf(key), found.revision);
    return [found];
  },
  async (scope, tenant, random) =>
    scope.transaction(async ({ advisories }) => {
      const rows = (await advisories.list(page(random))).items;
      await advisories.ingestBatch([advisoryOf(tenant, some(random), random.below(1_000))]);
      if (random.chance(0.3)) throw new OnPurpose("a unit fails");
      return [...rows, await advisories.get(idOf(some(random)))];
    }),
  // A verb that the database refuses: the key of another id.
  async (scope, tenant, random) =>
    scope.transaction(async ({ advisories }) => {
      await advisories.put({ ...advisoryOf(tenant, some(random), 0), id: idOf(500 + random.below(100)) }, 0n);
      return [];
    }),
  // Cancelled at any moment.
  async (scope, _tenant, random) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new OnPurpose("cancelled")), random.below(6));
    try {
      return await scope.transaction(
        async ({ advisories }) => {
          const rows = (await advisories.list(page(random))).items;
          return [...rows, ...(await advisories.search("of", page(random))).items];
        },
        { signal: stop.signal, deadlineMs: 2_000 },
      );
    } finally {
      clearTimeout(timer);
    }
  },
];

/** Calls tenants in turn, and looks at each row it is given. */
export class Callers {
  calls = 0;
  rows = 0;
  readonly errors = new Map<string, number>();
  readonly foreign: string[] = [];
  readonly strange: string[] = [];
  readonly #module: Vuln;

  constructor(module: Vuln) {
    this.#module = module;
  }

  async call(random: Random): Promise<void> {
    this.calls += 1;
    const tenant = tenants[this.calls % tenants.length] ?? GLOBAL;
    const call = random.pick(calls);
    try {
      for (const row of await call(scopeOf(this.#module, tenant), tenant, random)) this.see(tenant, row);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A row is its own tenant's or shared, and says so of itself. */
  see(tenant: string, row: Row | null): void {
    if (row === null) return;
    this.rows += 1;
    const { tenantId, primaryId, title } = row;
    const own = tenantId === tenant || tenantId === GLOBAL;
    if (!own || primaryId !== tenantId || title !== `of ${String(tenantId)}`)
      this.foreign.push(`${tenant} was given a row of ${String(tenantId)}, written by ${String(primaryId)}`);
  }

  fail(error: unknown): void {
    const code = error instanceof OnPurpose ? error.message : isDataLayerError(error) ? error.code : null;
    if (code === null) this.strange.push(String(error));
    else this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
