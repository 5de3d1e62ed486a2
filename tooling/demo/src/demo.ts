import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findingsOf, installMongo, installPostgres, type Comparison, type Stage } from "@stellaops/cutover";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { startServers, type Servers } from "@stellaops/servers";
import { openVuln, vuln } from "@stellaops/vuln";
import type { Cleanup } from "./cleanup.ts";
import { importFeed } from "./import-feed.ts";
import { operatorOf, type Switch } from "./operator.ts";
import type { DemoOptions } from "./options.ts";
import { summaryOf, type Report } from "./report.ts";
import { bar, type Screen } from "./screen.ts";
import { startService, type Service } from "./services.ts";
import { tallyOf } from "./tally.ts";

/** Passwords of servers that live as long as the demo, on this machine only. */
const passwords = { app: "demo-app", replicator: "demo-replicator" };

export interface Outcome {
  readonly report: Report;
  /** URLs of the two databases. */
  readonly places: readonly string[];
}

/** The story, from two empty servers to the last comparison. What it starts, it hands to `cleanup`. */
export async function demo(options: DemoOptions, screen: Screen, cleanup: Cleanup): Promise<Outcome> {
  const begun = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "stella-demo-"));
  await cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const starting = startServers({}, (line) => screen.line(line));
  await cleanup.add(() => starting.then((started) => started.stop(), alreadyTold));
  const servers = await starting;
  const as = (user: string, password: string): string =>
    Object.assign(new URL(servers.postgres.url), { username: user, password }).href;
  const urls = { postgres: as("vuln_app", passwords.app), mongo: mongoDatabase(servers.mongo.url, "vuln") };

  await installPostgres({ module: vuln, url: servers.postgres.url, passwords });
  const postgres = openPostgres({ url: as("stella_replicator", passwords.replicator) });
  await cleanup.add(() => postgres.close());
  const mongo = openMongo({ url: urls.mongo });
  await cleanup.add(() => mongo.close());
  await installMongo({ module: vuln, db: mongo.db });
  await endDeadUnitsSoon(servers, mongo);
  screen.line("migrated    13 tables on PostgreSQL, 6 collections on MongoDB");

  const documents = await importFeed(options, mongo, screen);
  let differences = 0;
  const operator = operatorOf(postgres, mongo, (comparison) => {
    differences += findingsOf(comparison);
    tellComparison(comparison, screen);
  });
  await operator.begin();

  const death = Promise.withResolvers<never>();
  const start = async (name: string, tenant: string, seed: number): Promise<Service> => {
    const service = startService({ name, tenant, seed, folder, onDeath: death.reject, ...urls });
    await cleanup.add(() => service.then(({ kill }) => kill(), alreadyTold));
    return service;
  };

  const switches: Switch[] = [];
  const advance = async (to: Stage): Promise<void> => {
    screen.running(`stage       moving to ${to}`);
    const done = await operator.advance(to);
    switches.push(done);
    screen.line(`stage       ${done.from} to ${to} in ${done.ms} ms`);
    await wait(500); // load under the stage that was reached
  };
  const backfill = async (): Promise<void> => {
    const { copied, swept, parked } = await operator.backfill(({ aggregate, copied: done }) =>
      screen.running(`backfill    ${aggregate} ${bar(done, aggregate === "advisories" ? documents : null)}`),
    );
    screen.line(`backfill    ${copied} copied, ${swept} swept, ${parked} parked`);
  };
  const story = async (): Promise<readonly Service[]> => {
    const [alpha, beta] = await Promise.all([start("service-1", "acme", 1), start("service-2", "globex", 2)]);
    screen.line("services    service-1 and service-2 write, read and page all along");
    await advance("dual-write");
    await beta.kill();
    screen.line("kill        service-2, by SIGKILL in the middle of its writes");
    const gamma = await start("service-3", "globex", 3);
    screen.line("services    service-3 takes its place");
    await backfill();
    await advance("shadow");
    await advance("live");
    await advance("shadow");
    await advance("dual-write");
    await advance("mongo");
    await advance("dual-write");
    await backfill();
    await advance("shadow");
    await advance("live");
    await operator.compare();
    await advance("ramp-down");
    await advance("postgres");
    await Promise.all([alpha.stop(), gamma.stop()]);
    return [alpha, beta, gamma];
  };
  const services = await Promise.race([story(), death.promise]);

  const app = openPostgres({ url: urls.postgres });
  await cleanup.add(() => app.close());
  const reader = await openVuln({ postgres: app, mongo, stage: "record" });
  await cleanup.add(() => reader.close());
  const tally = await tallyOf(
    services.map(({ journal }) => journal),
    reader,
  );
  for (const fault of tally.lost.slice(0, 10)) screen.line(`  lost      ${fault}`);
  for (const failure of tally.failures.slice(0, 10)) screen.line(`  failed    ${failure}`);

  const report: Report = {
    feed: options.feed ?? "generated",
    documents,
    acknowledged: tally.acknowledged,
    lost: tally.lost.length,
    differences,
    callsFailed: tally.callsFailed,
    killed: 1,
    switches,
    postgres: servers.postgres.version,
    mongo: servers.mongo.version,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
  };
  screen.line();
  for (const line of summaryOf(report, tally)) screen.line(line);
  return { report, places: [servers.postgres.url, urls.mongo] };
}

function tellComparison({ aggregates }: Comparison, { line }: Screen): void {
  const sum = (of: (one: (typeof aggregates)[number]) => number): number =>
    aggregates.reduce((total, one) => total + of(one), 0);
  for (const finding of aggregates.flatMap(({ findings }) => findings).slice(0, 5))
    line(`  differs   ${JSON.stringify(finding)}`);
  const differing = sum(({ findings, moreFindings }) => findings.length + moreFindings);
  const [rows, lagging] = [sum((one) => one.rows.mongo), sum((one) => one.lagging)];
  line(`compare     ${rows} aggregates on both, whole: ${differing} differ, ${lagging} on their way`);
}

/** What does not start needs no end, and its error is told where it was waited for. */
const alreadyTold = (): void => {};

const mongoDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

/**
 * MongoDB does not notice that the client of a transaction is dead, and keeps its locks for a minute: a stage change would wait as long.
 * Units take milliseconds here, so on a server of our own it may give up sooner; one that was named by its URL is left as it is.
 */
async function endDeadUnitsSoon({ mongo: { source } }: Servers, { client }: Mongo): Promise<void> {
  if (source === "MONGODB_URL") return;
  await client.db("admin").command({ setParameter: 1, transactionLifetimeLimitSeconds: 5 });
}
