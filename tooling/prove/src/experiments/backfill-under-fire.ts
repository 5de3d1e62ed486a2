import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findingsOf, initialise, startReplicator, fixedStage, type KeyState, type StageView } from "@stellaops/cutover";
import { startService, tallyOf, type Service } from "@stellaops/demo";
import { codeOf, seededIds, systemClock, tenantId } from "@stellaops/kernel";
import { bulkLoad } from "@stellaops/mongo";
import { breakStreams } from "@stellaops/testkit/streams";
import { generateOsv, mapOsv, vuln, type Advisory, type Vuln } from "@stellaops/vuln";
import { deaf, forgetLoss, losePosition } from "../backfill/capture.ts";
import { Copiers } from "../backfill/copiers.ts";
import { Foreign } from "../backfill/foreign.ts";
import { asked, judged, tellsLoss } from "../backfill/operator.ts";
import { sabotages } from "../backfill/sabotage.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { randomOf, type Random } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";

const copiers = 2;
const old = tenantId("old");
const definition = vuln.aggregates[3];

export const backfillUnderFire: Experiment = {
  claim:
    "a backfill whose processes are killed again and again, under live writes, beside a script that writes to MongoDB and whose change stream breaks off and is lost, leaves nothing missing, extra or stale; the loss blocks guards until a comparison",
  full: "1,000,000 documents, 500 writes a second, 50 kills, a script on MongoDB, broken change streams, a lost resume token",
  seconds: 40,
  sabotages,
  run,
};

async function run({ servers, seed, seconds, full, sabotage, log, signal }: Setting): Promise<Outcome> {
  const random = randomOf(seed);
  const [documents, kills, services] = full ? [1_000_000, 50, 4] : [2_000, 6, 2];
  await using rig = await rigOf(servers, null);
  const folder = await mkdtemp(join(tmpdir(), "stella-prove-"));
  const started: Service[] = [];
  const broken: string[] = [];
  try {
    const ids: string[] = [];
    await bulkLoad(rig.mongo, definition, old, noting(generated(documents, seed), ids));
    await initialise({ sides: rig.sides, module: vuln.name, stage: "mongo", by: "prove", reason: "begin" });
    const ghosts = await ghostsOf(rig, seed);
    const view = await rig.step("dual-write");
    log(`${documents} documents, generation ${view.generation}`);
    const start = async (i: number): Promise<void> => {
      const { app: postgres, mongo } = rig.urls;
      const name = `service-${i + 1}`;
      const onDeath = (error: Error): void => void broken.push(error.message);
      const from = { name, tenant: "live", postgres, mongo, database: rig.database, folder, seed: seed + i, onDeath };
      // About 250 writes a second of two workers each at full size; a quiet stream of them in the small form.
      started.push(await startService({ ...from, pauseMs: full ? 4 : 40 }));
    };
    // They come while it is copied already.
    const starting = Promise.allSettled(Array.from({ length: services }, (_, i) => start(i)));
    await using here = await rig.open();
    const foreign = new Foreign({
      url: rig.urls.mongo,
      database: rig.database,
      collection: definition.table,
      tenant: old,
      ids: ids.filter((_, i) => i % 4 === 0),
      newIds: seededIds(systemClock, seed + 2_000_000),
      random: random.fork("foreign"),
      pauseMs: 50,
    });
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => void (await starting));
    stack.use(foreign);
    if (sabotage === "ignore-foreign") stack.use(await deaf(rig.mongo.db));
    foreign.start();
    const own = ids.filter((_, i) => i % 4 !== 0);
    const enough = new AbortController();
    const changing = changes(here.module, own, random.fork("changes"), enough.signal);
    // Told where it is waited for; until then it must not count as unhandled.
    changing.catch(() => undefined);
    stack.defer(async () => {
      enough.abort();
      await changing.catch(() => undefined);
    });
    // Slow enough to be killed in the middle of it, so often.
    const rate = full ? null : Math.ceil((documents * 1_000) / ((seconds * 1_000) / 5) / copiers);
    const { urls, database } = rig;
    const job = { urls, database, rangeSize: Math.ceil(documents / 8), leaseMs: 1_000, sabotage, rate };
    await using processes = new Copiers(job, copiers);
    let [killed, breaks] = [0, 0];
    const fire = async (which: number): Promise<void> => {
      const dice = random.fork(which);
      for (let i = 0; i < kills / copiers && !signal.aborted; i += 1) {
        if (!(await processes.kill(which, 1 + dice.below(full ? 100 : 4)))) return;
        killed += 1;
        const now = await breakStreams(rig.mongo.db);
        breaks += now;
        log(`${killed} kills, ${breaks} broken streams`);
      }
    };
    const firing = Promise.all(Array.from({ length: copiers }, (_, which) => fire(which)));
    firing.catch(() => undefined);
    const missed = sabotage === "ignore-foreign" ? new Set<string>() : await losePosition(rig.mongo.db, foreign);
    if (sabotage === "skip-lost-token") await forgetLoss(rig.mongo.db);
    if (missed.size > 0 && !tellsLoss(await asked(rig)))
      broken.push(`a resume token was lost with ${missed.size} documents behind it, and the guard does not tell of it`);
    log(`${missed.size} documents behind a lost token`);
    await firing;
    for (const one of await starting) if (one.status === "rejected") throw one.reason;
    const badly = await processes.ended();
    if (badly > 0) broken.push(`${badly} of the copying processes ended with an error`);
    log(`${killed} kills, copied`);
    await foreign.stop();
    enough.abort();
    const changed = await changing;
    broken.push(...(await lateApplies(rig, ghosts)));
    await Promise.all(started.splice(0).map((service) => service.stop()));
    log("services stopped");
    const { comparison, recovered, broken: judgedBroken } = await judged(rig, missed, () => drained(rig, view));
    broken.push(...judgedBroken);
    log("compared");
    const { sweptAt } = await rig.progress.state(view.generation);
    if (sweptAt === null) broken.push("the backfill ended and was not swept");
    for (const { aggregate, findings } of comparison.aggregates)
      for (const finding of findings.slice(0, 5)) broken.push(`${aggregate}: ${JSON.stringify(finding, text)}`);
    const differing = findingsOf(comparison);
    if (differing > 0) broken.push(`${differing} keys are missing, extra or stale`);
    const lostForeign = await foreign.lostAt(rig);
    const journals = Array.from({ length: services }, (_, i) => join(folder, `service-${i + 1}.ndjson`));
    const { acknowledged, lost, failures } = await tallyOf(journals, here.module);
    broken.push(...lostForeign, ...lost, ...failures);
    const counts = {
      documents,
      acknowledged,
      changed,
      foreign: foreign.writes,
      kills: killed,
      "broken streams": breaks,
      "lost tokens": missed.size > 0 ? 1 : 0,
      recovered,
      ghosts: ghosts.states.length,
      differing,
      lost: lost.length + lostForeign.length,
    };
    return { counts, broken };
  } finally {
    for (const service of started) await service.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

const text = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

function* generated(count: number, seed: number): Generator<Advisory> {
  const ids = seededIds(systemClock, seed);
  const sourceId = ids.next();
  for (const record of generateOsv({ count, seed })) {
    const now = systemClock.now();
    yield { ...mapOsv(record), id: ids.next(), sourceId, createdAt: now, updatedAt: now };
  }
}

function* noting(advisories: Iterable<Advisory>, ids: string[]): Generator<Advisory> {
  for (const advisory of advisories) {
    ids.push(advisory.id);
    yield advisory;
  }
}

/** Documents change, go and come again before, while and after they are copied; how many did. */
async function changes(module: Vuln, ids: readonly string[], random: Random, signal: AbortSignal): Promise<number> {
  const { advisories } = module.tenant(old);
  const change = async (id: string, title: string): Promise<boolean> => {
    const found = await advisories.get(id);
    if (found === null) return false;
    const { revision, tenantId: _, ...advisory } = found;
    if (random.chance(0.1)) {
      await advisories.delete(id, revision);
      if (random.chance(0.5)) await advisories.put(advisory, 0n);
    } else await advisories.put({ ...advisory, title }, revision);
    return true;
  };
  let done = 0;
  while (!signal.aborted) {
    // A capture stamps what it does not know to be a service's: whoever has read before that reads again and decides anew.
    const changed = await change(random.pick(ids), `change ${done}`).catch((error: unknown) => {
      if (codeOf(error) !== "REVISION_CONFLICT") throw error;
      return false;
    });
    if (!changed) continue;
    done += 1;
    await wait(5);
  }
  return done;
}

/** Nothing is pending or parked any more; whatever is left then is told by the comparison. */
async function drained(rig: Rig, view: StageView): Promise<void> {
  const stage = { ...fixedStage(view.stage), workView: () => view };
  const replicator = startReplicator({ module: vuln, replicas: rig.replicas, stage, pollMs: 60_000 });
  await replicator.drain();
  await replicator.close();
}

interface Ghosts {
  readonly view: StageView;
  /** As an applier of the replication before has read them, of keys that were deleted after it. */
  readonly states: readonly KeyState[];
}

/** Keys that were replicated, and deleted while MongoDB was alone again: only the sweep can tell that they are gone. */
async function ghostsOf(rig: Rig, seed: number): Promise<Ghosts> {
  const view = await rig.step("dual-write");
  await using service = await rig.open();
  const { advisories } = service.module.tenant(old);
  const made = [...generated(20, seed + 1_000_000)].map((one, i) => ({ ...one, advisoryKey: `GHOST-${i}` }));
  for (const one of made) await advisories.put(one, 0n);
  const states = await rig.replicas.mongo.read(
    definition,
    old,
    made.map(({ id }) => id),
  );
  await drained(rig, view);
  await rig.step("mongo");
  for (const { id } of made) await advisories.delete(id, 1n);
  return { view, states };
}

/** An applier of the replication before wakes up, with what it has read then. */
async function lateApplies(rig: Rig, { view, states }: Ghosts): Promise<readonly string[]> {
  try {
    await rig.replicas.postgres.apply(definition, old, states, view.generation);
    return ["an apply of an older generation was let in after the sweep"];
  } catch (error) {
    return codeOf(error) === "APPLY_FENCED" ? [] : [`a late apply was refused with ${codeOf(error)}`];
  }
}
