import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { codeOf } from "@stellaops/kernel";
import { verifyMongo } from "@stellaops/migrator";
import { databaseUrl, postgresUrl, withPostgres } from "@stellaops/testkit";
import { Binary, BSON, Decimal128, Double, Int32, Long, MaxKey, ObjectId, Timestamp } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openVuln } from "../../vuln/src/index.ts";
import {
  backfill,
  changeStage,
  collectionsOf,
  contentOf,
  drainedOf,
  emptyMongo,
  fixedStageOf,
  formatName,
  mongoSchema,
  postgresAlone,
  proofs,
  restoreArchive,
  verifyArchive,
  writeArchive,
  type Proof,
  type Stage,
} from "../src/index.ts";
import { advisoriesOf, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stella-archive-"));
});
afterAll(() => rm(folder, { recursive: true }));

let rig: ReplicationRig;
let files = 0;
const newFile = (): string => join(folder, `${(files += 1)}.archive`);
const count = 700;

/** What a crossing leaves at MongoDB: rows, register, epochs, applies, copies of the record. */
async function crossed(): Promise<void> {
  rig = await replicationRig();
  const advisories = advisoriesOf(count);
  for (let i = 0; i < count; i += 350)
    await rig.write("mongo", (repositories) => repositories.advisories.ingestBatch(advisories.slice(i, i + 350)), {
      pending: false,
    });
  await rig.goTo("dual-write");
  await fill();
  await rig.goTo("postgres");
}
const fill = () => backfill({ module: vuln, ...rig, replicas: rig.copies, view: rig.view });
const refusal = (code: string) => expect.objectContaining({ code, family: "refused" });
const step = (target: Stage) =>
  changeStage({ sides: rig.sides, target, by: "test", reason: "a step", drained: drainedOf(rig.copies) });

const archive = async (file = newFile()) => {
  const at = await postgresAlone(rig.sides);
  const header = {
    format: formatName,
    module: vuln.name,
    database: rig.mongo.db.databaseName,
    stage: at.stage,
    epoch: String(at.epoch),
    generation: String(at.generation),
    archivedAt: new Date().toISOString(),
    toolVersion: null,
  } as const;
  return { file, ...(await writeArchive({ db: rig.mongo.db, file, header })) };
};
const restore = (file: string, more: object = {}) => restoreArchive({ module: vuln, ...rig, file, ...more });
const empty = (file: string) => emptyMongo({ module: vuln, ...rig, replica: rig.copies.mongo, file });
const namesOf = async () =>
  (await rig.mongo.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).toSorted();

describe("an archive", () => {
  beforeAll(crossed);
  afterAll(() => rig[Symbol.asyncDispose]());

  test("comes back byte for byte, whatever BSON is in it, with indexes, closed epochs and the copy of the stage", async () => {
    const { db } = rig.mongo;
    const at = { tenantId: "acme", _id: "acme/strange", id: "strange" };
    const strange = new Map<string, unknown>([
      ...Object.entries(at),
      [
        "raw",
        new Map<string, unknown>([
          ["10", new Int32(1)],
          ["2", new Double(1)],
          ["__proto__", new Map([["a", 1]])],
        ]),
      ],
      [
        "numbers",
        [new Double(-0), new Double(Number.NaN), Long.fromString("9223372036854775807"), Decimal128.fromString("1.00")],
      ],
      [
        "references",
        new Map<string, unknown>([
          ["$ref", "a"],
          ["$id", new ObjectId()],
        ]),
      ],
      [
        "looks",
        new Map([
          ["$oid", "5f43a1e2f1d2c3b4a5968778"],
          ["$date", "never"],
        ]),
      ],
      [
        "rest",
        [
          new Timestamp({ t: 1, i: 2 }),
          /a/gi,
          new MaxKey(),
          new Binary(Buffer.from([1, 2]), 4),
          null,
          [],
          new Map(),
          "\u0000\u{1f600}",
        ],
      ],
      ["at", new Date(-62_135_596_800_001)],
    ]);
    await db.collection("sources").insertOne(strange, { forceServerObjectId: true });
    const before = await everything();
    const { file, manifest, fileBytes } = await archive();
    expect(manifest.collections.find(({ collection }) => collection === "advisories")).toMatchObject({
      documents: count,
      indexes: expect.arrayContaining(["pk_advisories"]),
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(file)).size).toBe(fileBytes);

    await db.dropDatabase();
    const restored = await restore(file);
    expect(restored.documents).toBe(before["advisories"]!.documents + before["register"]!.documents + 1);
    expect(await everything()).toEqual(before);
    for (const set of [mongoSchema, collectionsOf(vuln)]) await verifyMongo(db, set);
    // The restore itself ran under the newest one; the sweep that begins the way back closes it.
    const own = `apply_${(await rig.view()).generation}`;
    for (const name of (await namesOf()).filter((one) => /^(epoch|apply)_/.test(one) && one !== own))
      await expect(db.collection(name).insertOne({})).rejects.toMatchObject({ code: 121 });
    await db.collection("sources").deleteMany({});
    expect((await rig.compare()).equal).toBe(true);
  });

  test("memory stays flat: only one document and one piece are held", async () => {
    const big = { tenantId: "acme", payload: "x".repeat(1_000_000) };
    const batch = Array.from({ length: 10 }, (_, i) => ({ ...big, i }));
    for (let i = 0; i < 12; i += 1) await rig.mongo.db.collection("bulk").insertMany(batch.map((one) => ({ ...one })));
    const used = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    let most = 0;
    const before = used();
    const timer = setInterval(() => (most = Math.max(most, used())), 5);
    const { file } = await archive();
    await verifyArchive(file);
    clearInterval(timer);
    await rig.mongo.db.collection("bulk").drop();
    // 120 MB went through.
    expect(most - before).toBeLessThan(90_000_000);
  });

  test("a byte that changed or is missing anywhere is told, and nothing is written", async () => {
    const { file } = await archive();
    await rig.mongo.db.dropDatabase();
    const whole = await readFile(file);
    const other = newFile();
    for (const share of [0, 0.01, 0.3, 0.7, 0.99, 0.999]) {
      const at = Math.floor(whole.length * share);
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      for (const bytes of [flipped, whole.subarray(0, at)]) {
        // The time in gzip's header is the only thing that nothing hangs on.
        await writeFile(other, bytes);
        await expect(restore(other)).rejects.toEqual(refusal("ARCHIVE_DAMAGED"));
      }
    }
    await writeFile(other, BSON.serialize({ format: "another" }));
    await expect(restore(other)).rejects.toEqual(refusal("ARCHIVE_DAMAGED"));
    expect(await namesOf()).toEqual([]);
    await restore(file);
  });

  test("one with a valid form and a wrong checksum is refused", async () => {
    const { file } = await archive();
    const { gunzipSync, gzipSync } = await import("node:zlib");
    const bytes = gunzipSync(await readFile(file));
    const at = bytes.indexOf("pkg:");
    bytes[at] = "q".charCodeAt(0);
    await writeFile(file, gzipSync(bytes));
    await expect(verifyArchive(file)).rejects.toEqual(refusal("ARCHIVE_DAMAGED"));
  });

  test("is not written over another file, and leaves none behind when it is interrupted", async () => {
    const { file } = await archive();
    await expect(archive(file)).rejects.toEqual(refusal("ARCHIVE_EXISTS"));
    const stop = new AbortController();
    const other = newFile();
    const header = { format: formatName } as never;
    const written = writeArchive({
      db: rig.mongo.db,
      file: other,
      header,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    await expect(written).rejects.toThrow("enough");
    for (const name of [other, `${other}.part`]) await expect(stat(name)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("what the archive does not hold is not deleted", async () => {
    const { file } = await archive();
    await rig.mongo.db.collection("advisories").updateOne({}, { $set: { title: "changed since" } });
    await expect(empty(file)).rejects.toEqual(refusal("ARCHIVE_OUTDATED"));
    expect(await rig.mongo.db.collection("advisories").countDocuments()).toBe(count);
    await rig.mongo.db.collection("advisories").deleteMany({});
    await rig.mongo.db.collection("register").deleteMany({});
    await restore(file);
  });

  test("emptied, restored, and back to MongoDB with what was written meanwhile", async () => {
    const before = await namesOf();
    const { file } = await archive();
    expect(await empty(file)).toBe(count);
    expect(await namesOf()).toEqual(expect.arrayContaining([...before]));
    for (const name of ["advisories", "register"]) expect(await rig.mongo.db.collection(name).countDocuments()).toBe(0);
    // What an interrupted emptying left is emptied on.
    expect(await empty(file)).toBe(0);
    await restore(file);
    expect((await rig.compare()).equal).toBe(true);
    await expect(restore(file)).rejects.toEqual(refusal("RESTORE_NOT_EMPTY"));

    const [later] = advisoriesOf(1, 77);
    const { generation } = await rig.view();
    await rig.write("postgres", ({ advisories }) => advisories.put({ ...later!, advisoryKey: "LATER" }, 0n), {
      generation,
      pending: false,
    });
    await step("ramp-down");
    await fill();
    expect((await rig.compare()).equal).toBe(true);
    expect(await rig.goTo("shadow")).toMatchObject({ primary: "mongo" });
    expect(await rig.mongo.db.collection("advisories").countDocuments()).toBe(count + 1);
  });

  test("the way back needs no archive: what was emptied is filled again", async () => {
    await rig.goTo("postgres");
    const { file } = await archive();
    await empty(file);
    await step("ramp-down");
    await fill();
    expect((await rig.compare()).equal).toBe(true);
    await expect(restore(file)).rejects.toEqual(refusal("STAGE_NOT_POSTGRES"));
    await expect(empty(file)).rejects.toEqual(refusal("STAGE_NOT_POSTGRES"));
  });

  test("one that is interrupted goes on, with the same archive only", async () => {
    await rig.goTo("postgres");
    const { file } = await archive();
    await empty(file);
    const stop = new AbortController();
    const interrupted = restore(file, { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) });
    await expect(interrupted).rejects.toThrow("enough");
    expect(await rig.mongo.db.collection("advisories").countDocuments()).toBe(500);
    await rig.mongo.db.collection("notes").insertOne({ of: "another archive" });
    const third = await archive();
    await expect(restore(third.file)).rejects.toEqual(refusal("RESTORE_NOT_EMPTY"));
    await restore(file);
    expect((await rig.compare()).equal).toBe(true);
    expect(await namesOf()).not.toContain("unfinished_restore");
  });

  test("one that sleeps until replication has begun again is refused like any late apply", async () => {
    await rig.goTo("postgres");
    const { file } = await archive();
    await empty(file);
    const mongo = sleepingMongo(async () => {
      await step("ramp-down");
      await fill();
    });
    const slow = restore(file, { mongo });
    await expect(slow).rejects.toMatchObject({ code: "APPLY_FENCED" });
    expect((await rig.compare()).equal).toBe(true);
  });

  test("an emptying that sleeps until MongoDB is filled again deletes nothing", async () => {
    await rig.goTo("postgres");
    const { generation } = await postgresAlone(rig.sides);
    await step("ramp-down");
    await fill();
    const rows = await rig.mongo.db.collection("advisories").countDocuments();
    for (const aggregate of vuln.aggregates) expect(await rig.copies.mongo.sweep(aggregate, generation)).toBe(0);
    expect(await rig.mongo.db.collection("advisories").countDocuments()).toBe(rows);
    expect((await rig.compare()).equal).toBe(true);
  });
});

describe("the proof that no call reaches MongoDB", () => {
  beforeAll(crossed);
  afterAll(() => rig[Symbol.asyncDispose]());

  const looked = async (more: object = {}): Promise<Readonly<Record<Proof["name"], Proof>>> => {
    const at = await postgresAlone(rig.sides);
    const found: [string, Proof][] = [];
    for await (const proof of proofs({
      sides: rig.sides,
      mongo: rig.mongo.db,
      at,
      fixed: await fixedStageOf(rig.copier.pool, vuln.name).read(),
      observeMs: 300,
      ...more,
    }))
      found.push([proof.name, proof]);
    return Object.fromEntries(found) as Readonly<Record<Proof["name"], Proof>>;
  };

  test("holds where nothing does", async () => {
    const { fixed, ...rest } = await looked();
    expect(fixed.passed).toBe(false);
    expect(Object.values(rest).filter(({ passed }) => !passed)).toEqual([]);
  });

  test("names the collection that something reads or writes, also when it is no service", async () => {
    for (const reach of [
      () => rig.mongo.db.collection("kev_flags").findOne({}),
      () => rig.mongo.db.collection("somebody_elses").insertOne({}),
    ]) {
      const timer = setInterval(() => void reach(), 20);
      const { traffic } = await looked();
      clearInterval(timer);
      expect(traffic).toMatchObject({ passed: false, fix: expect.stringContaining("open connections") });
      expect(traffic.saw).toMatch(/kev_flags|somebody_elses/);
    }
  });

  test("names the service that follows the record, until it is closed", async () => {
    const service = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record", instance: "service-7" });
    const { instances } = await looked();
    expect(instances).toMatchObject({ passed: false, saw: expect.stringContaining("service-7") });
    expect((await looked({ gone: ["service-7"] })).instances.passed).toBe(true);
    await service.close();
    expect((await looked()).instances.passed).toBe(true);
  });

  test("tells of an epoch that is open", async () => {
    await rig.mongo.db.createCollection("epoch_999");
    expect((await looked()).epochs).toMatchObject({ passed: false, saw: "epoch_999 of MongoDB is open" });
    await rig.mongo.db.collection("epoch_999").drop();
  });

  test("runs on the fixed word, where the driver of MongoDB is not loaded; its stage stays; released, it serves no longer", async () => {
    const fixed = fixedStageOf(rig.copier.pool, vuln.name);
    const { epoch } = await postgresAlone(rig.sides);
    await expect(openVuln({ postgres: rig.service, stage: "postgres" })).rejects.toEqual(refusal("STAGE_RECORDED"));
    expect(await fixed.fix(epoch + 1n, "test")).toBe(false);
    expect(await fixed.fix(epoch, "test")).toBe(true);
    expect(await fixed.read()).toMatchObject({ epoch, by: "test", releasedAt: null });

    const script = fileURLToPath(new URL("loaded-child.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@stellaops/source", script], {
      env: { ...process.env, WORD: "postgres", STELLA_VULN_STAGE: "postgres", POSTGRES: rig.urls.service },
    });
    expect(stdout.split("\n").filter((file) => /node_modules\/(mongodb|bson)\/|packages\/mongo\//.test(file))).toEqual(
      [],
    );

    const service = await openVuln({ postgres: rig.service, stage: "postgres" });
    expect((await service.tenant("acme").advisories.list({ limit: 2 })).items).toHaveLength(2);
    await expect(step("ramp-down")).rejects.toEqual(refusal("STAGE_FIXED"));
    await fixed.release();
    // Ten seconds, in which every service on the fixed word finds out.
    await expect(step("ramp-down")).rejects.toEqual(refusal("STAGE_FIXED"));
    await expect
      .poll(
        () =>
          service
            .tenant("acme")
            .advisories.count()
            .then(() => "served", codeOf),
        { timeout: 30_000 },
      )
      .toBe("STAGE_RECORDED");
    await service.close();
    const superuser = databaseUrl(postgresUrl(), new URL(rig.urls.copier).pathname.slice(1));
    await withPostgres(superuser, (client) =>
      client.query("update cutover.fixed set released_at = released_at - interval '10 seconds'"),
    );
    expect(await step("ramp-down")).toMatchObject({ stage: "ramp-down" });
  });

  test("cannot be fixed while a change is under way or elsewhere than at postgres", async () => {
    const { epoch } = await rig.view();
    expect(await fixedStageOf(rig.copier.pool, vuln.name).fix(epoch, "test")).toBe(false);
  });
});

/** Everything but what passes, by collection. */
async function everything(): Promise<Record<string, { documents: number; sha256: string }>> {
  const names = (await namesOf()).filter((name) => !/^(leases|instances|epoch_|apply_)/.test(name));
  const found: [string, { documents: number; sha256: string }][] = [];
  for (const name of names) found.push([name, await contentOf(rig.mongo.db, name)]);
  return Object.fromEntries(found);
}

/** Between the first and the second transaction that inserts, `between` happens: as to a process that sleeps. */
function sleepingMongo(between: () => Promise<void>): ReplicationRig["mongo"] {
  const { client } = rig.mongo;
  let commits = 0;
  const startSession: typeof client.startSession = (...args) => {
    const session = client.startSession(...args);
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = async (...more) => {
      await commit(...more);
      commits += 1;
      // The first one made the fence, the second one inserted.
      if (commits === 2) await between();
    };
    return session;
  };
  return {
    ...rig.mongo,
    client: new Proxy(client, {
      get: (of, name) => (name === "startSession" ? startSession : Reflect.get(of, name, of)),
    }),
  };
}
