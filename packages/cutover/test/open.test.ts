import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { codeOf } from "@stellaops/kernel";
import { aSource } from "@stellaops/testkit/source";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { openVuln, type Advisories, type Vuln } from "../../vuln/src/index.ts";
import { repositories as mongoClasses } from "../../vuln/src/mongo/index.ts";
import { repositories as postgresClasses } from "../../vuln/src/postgres/index.ts";
import { initialise, type Stage } from "../src/index.ts";
import { mongoBackend } from "../src/mongo/backend.ts";
import { postgresBackend } from "../src/postgres/backend.ts";
import { acme, advisoryOf, nextId, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
// Everything that was opened is closed by then: a connection, cursor or session that is left fails here.
afterAll(() => rig[Symbol.asyncDispose]());
afterEach(() => {
  vi.unstubAllEnvs();
});

const both = () => ({ postgres: rig.service, mongo: rig.mongo });
const refusal = (code: string) => expect.objectContaining({ code, family: "refused" });

describe("where nothing has a stage record", () => {
  test("no word, and a word that is none, name the variable and the words", async () => {
    await expect(openVuln(both())).rejects.toThrow(/STELLA_VULN_STAGE .*"mongo" or "postgres".*"record"/);
    for (const word of ["shadow", "Postgres", ""]) {
      vi.stubEnv("STELLA_VULN_STAGE", word);
      await expect(openVuln(both())).rejects.toEqual(refusal("STAGE_WORD"));
    }
  });

  test("the word's database is needed, and both for the record", async () => {
    const { postgres, mongo } = both();
    for (const options of [
      { stage: "postgres", mongo },
      { stage: "mongo", postgres },
      { stage: "record", postgres },
      { stage: "record", mongo },
    ] as const)
      await expect(openVuln(options)).rejects.toEqual(refusal("STAGE_DATABASE_MISSING"));
  });

  test("there is no record to follow", async () => {
    await expect(openVuln({ ...both(), stage: "record" })).rejects.toEqual(refusal("STAGE_NONE"));
  });

  test("the variable chooses, and the option wins over it", async () => {
    vi.stubEnv("STELLA_VULN_STAGE", "mongo");
    const onMongo = await openVuln({ mongo: rig.mongo });
    await onMongo.tenant("acme").sources.put(aSource(nextId()), 0n);
    const onPostgres = await openVuln({ ...both(), stage: "postgres" });
    expect((await onPostgres.tenant("acme").sources.list()).items).toEqual([]);
    expect((await onMongo.tenant("acme").sources.list()).items).toHaveLength(1);
    await Promise.all([onMongo.close(), onPostgres.close()]);
    await rig.mongo.db.collection("sources").deleteMany({});
  });

  for (const word of ["postgres", "mongo"] as const) {
    test(`on ${word} alone, units hold`, async () => {
      const module = await openVuln({ ...both(), stage: word });
      await expect(unitsHold(module)).resolves.toBeUndefined();
      await module.close();
    });

    test(`on ${word} alone, neither the other driver nor the code of the cutover is loaded`, async () => {
      const script = fileURLToPath(new URL("loaded-child.ts", import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@stellaops/source", script], {
        env: {
          ...process.env,
          WORD: word,
          STELLA_VULN_STAGE: word,
          POSTGRES: rig.urls.service,
          MONGO: rig.urls.mongo,
        },
      });
      const files = stdout.split("\n");
      const own = files.flatMap((file) => /packages\/cutover\/src\/(.*)$/.exec(file)?.[1] ?? []);
      expect(own).toContain("module/open.ts");
      expect(own.filter((file) => /replica|backfill|compare|guard|live|move|steps|applier|shadow/.test(file))).toEqual(
        [],
      );
      const other = word === "postgres" ? /node_modules\/(mongodb|bson)\/|packages\/mongo\// : /packages\/postgres\//;
      expect(files.filter((file) => other.test(file))).toEqual([]);
    });
  }
});

describe("with a stage record", () => {
  let module: Vuln;
  /** Opened while there was none: it enters no fence. */
  let earlier: Record<"mongo" | "postgres", Vuln>;
  beforeAll(async () => {
    earlier = {
      mongo: await openVuln({ ...both(), stage: "mongo" }),
      postgres: await openVuln({ ...both(), stage: "postgres" }),
    };
    await initialise({ sides: rig.sides, module: vuln.name, stage: "mongo", by: "test", reason: "begin" });
    module = await openVuln({ ...both(), stage: "record" });
  });
  afterAll(async () => {
    for (const opened of [module, earlier.mongo, earlier.postgres]) await opened.close();
  });

  test("a process that was opened with a fixed word before serves no longer", async () => {
    for (const { tenant } of [earlier.mongo, earlier.postgres]) {
      const { advisories } = tenant("acme");
      await expect
        .poll(() => advisories.count().then(() => "served", codeOf), { timeout: 30_000 })
        .toBe("STAGE_RECORDED");
      await expect(advisories.withdraw("any", new Date())).rejects.toEqual(refusal("STAGE_RECORDED"));
    }
  });

  test("a fixed word is refused, whichever it is, before anything is done", async () => {
    for (const stage of ["postgres", "mongo"] as const)
      await expect(openVuln({ ...both(), stage })).rejects.toEqual(refusal("STAGE_RECORDED"));
  });

  for (const stage of ["mongo", "shadow", "live", "postgres"] as const satisfies readonly Stage[])
    test(`at ${stage}, units hold`, async () => {
      await rig.goTo(stage);
      await expect(unitsHold(module)).resolves.toBeUndefined();
    });

  test("a unit that began before a move of the primary runs again as a whole, with fresh repositories, on the new one", async () => {
    await rig.goTo("live");
    const [one, two] = [advisoryOf(), advisoryOf()];
    const seen: unknown[] = [];
    const answer = await module.tenant("acme").transaction(async (repositories) => {
      seen.push(repositories);
      // Nothing was asked yet, so the fence does not know of this unit.
      if (seen.length === 1) await rig.goTo("shadow");
      await repositories.advisories.put(one, 0n);
      await repositories.advisories.put(two, 0n);
      return (await repositories.advisories.get(one.id))?.revision;
    });
    expect(answer).toBe(1n);
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(await rig.replicas.mongo.pending(10)).not.toEqual([]);
    for (const { id } of [one, two]) expect(await module.tenant("acme").advisories.get(id)).not.toBeNull();
  });

  test("a move waits for a unit in flight, and what the unit wrote is on the other side", async () => {
    await rig.goTo("shadow");
    const one = advisoryOf();
    let moved: Promise<unknown> | undefined;
    await module.tenant("acme").transaction(async ({ advisories }) => {
      await advisories.put(one, 0n);
      moved ??= rig.goTo("live");
      await advisories.put({ ...one, title: "later" }, 1n);
    });
    expect(await moved).toMatchObject({ primary: "postgres" });
    expect(await module.tenant("acme").advisories.get(one.id)).toMatchObject({ title: "later", revision: 2n });
  });

  test("whatever was acknowledged is read by everybody, while the primary goes back and forth", async () => {
    const other = await openVuln({ ...both(), stage: "record" });
    const one = advisoryOf();
    let revision = await module.tenant("acme").advisories.put(one, 0n);
    const stop = new AbortController();
    const flipping = (async () => {
      for (const stage of ["shadow", "live", "shadow", "live", "shadow", "live"] as const) await rig.goTo(stage);
    })().finally(() => stop.abort());
    while (!stop.signal.aborted) {
      const [writer, reader] = revision % 2n === 0n ? [module, other] : [other, module];
      revision = await writer.tenant("acme").advisories.put({ ...one, title: String(revision) }, revision);
      const found = await reader.tenant("acme").advisories.get(one.id);
      expect(found?.revision).toBe(revision);
    }
    await flipping;
    await other.close();
    expect(revision).toBeGreaterThan(6n);
  });

  test("on both databases each unit enters its epoch: one that is over stores nothing", async () => {
    const backends = {
      mongo: mongoBackend(rig.mongo, vuln.name, mongoClasses),
      postgres: postgresBackend(rig.service, vuln.name, postgresClasses),
    };
    for (const stage of ["live", "shadow"] as const) {
      const { epoch, primary, generation } = await rig.goTo(stage);
      const register = { module: vuln.name, generation, pending: true, touched: () => {} };
      const { single, transaction } = backends[primary];
      for (const run of [single, transaction])
        for (const over of [epoch - 1n, epoch + 1n]) {
          const one = advisoryOf();
          const access = { tenant: acme, writes: true, live: { epoch: over, register } };
          const put = run(access, (repositories) => (repositories("advisories") as Advisories).put(one, 0n));
          await expect(put).rejects.toMatchObject({ code: "FENCED", family: "transient" });
          expect(await module.tenant(acme).advisories.get(one.id)).toBeNull();
        }
    }
  });

  test("after it was closed it refuses calls, and closing again does nothing", async () => {
    const other = await openVuln({ ...both(), stage: "record" });
    await other.close();
    await other.close();
    await expect(other.tenant("acme").advisories.list()).rejects.toMatchObject({ code: "STAGE_CLOSED" });
  });
});

/** What one unit of work promises, on whichever database. */
async function unitsHold(module: Vuln): Promise<void> {
  const scope = module.tenant("acme");
  const [one, two] = [advisoryOf(), advisoryOf()];
  const stored = async () => [await scope.advisories.get(one.id), await scope.advisories.get(two.id)];

  // A verb fails, and its error is caught: the unit fails all the same.
  const caught = scope.transaction(async ({ advisories }) => {
    await advisories.put(one, 0n);
    await advisories.put({ ...two, advisoryKey: one.advisoryKey }, 0n).catch(() => undefined);
    await advisories.put(two, 0n).catch(() => undefined);
    return "done";
  });
  await expect(caught).rejects.toMatchObject({ code: "UNIT_FAILED", family: "conflict" });
  await expect(caught.catch((error: Error) => codeOf(error.cause))).resolves.toBe("UNIQUE_VIOLATION");
  expect(await stored()).toEqual([null, null]);

  // So it does when the verb was refused before it reached the database.
  const refused = scope.transaction(async ({ advisories }) => {
    await advisories.put(one, 0n);
    await advisories.get("no id").catch(() => undefined);
  });
  await expect(refused).rejects.toMatchObject({ code: "UNIT_FAILED" });
  expect(await stored()).toEqual([null, null]);

  // Verbs at once, and one that nobody awaits, belong to the unit.
  let late: (() => Promise<unknown>) | undefined;
  const revisions = await scope.transaction(async ({ advisories, sources }) => {
    void sources.put(aSource(nextId()), 0n);
    late = () => advisories.get(one.id);
    const first = advisories.put(one, 0n);
    const second = advisories.put(two, 0n);
    return [await first, await second];
  });
  expect(revisions).toEqual([1n, 1n]);
  expect(await stored()).toMatchObject([{ id: one.id }, { id: two.id }]);

  // One that is called after the end is refused.
  expect(() => late?.()).toThrow(expect.objectContaining({ code: "UNIT_OVER", family: "programming" }));
  for (const { id } of [one, two]) await scope.advisories.delete(id, 1n);
}
