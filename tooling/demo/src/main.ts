import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { installMongo, installPostgres } from "@stellaops/cutover";
import { seededIds, systemClock } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { startServers } from "@stellaops/servers";
import { generateOsv, importOsv, openVuln, vuln } from "@stellaops/vuln";
import { demoOptions, usage, type DemoOptions } from "./options.ts";
import { findingsOf, operatorOf, type Switch } from "./operator.ts";
import { bar, screenOf, table } from "./screen.ts";
import { startService } from "./services.ts";
import { tallyOf } from "./tally.ts";

/** Passwords of servers that live as long as the demo, on this machine only. */
const passwords = { app: "demo-app", replicator: "demo-replicator" };

async function demo(options: DemoOptions): Promise<boolean> {
  const begun = performance.now();
  const screen = screenOf(options.json ? process.stderr : process.stdout);
  const folder = await mkdtemp(join(tmpdir(), "stella-demo-"));
  const servers = await startServers({}, (line) => screen.line(line));
  const as = (user: string, password: string): string =>
    Object.assign(new URL(servers.postgres.url), { username: user, password }).href;
  const urls = { postgres: as("vuln_app", passwords.app), mongo: mongoDatabase(servers.mongo.url, "vuln") };

  await installPostgres({ module: vuln, url: servers.postgres.url, passwords });
  const postgres = openPostgres({ url: as("stella_replicator", passwords.replicator) });
  const mongo = openMongo({ url: urls.mongo });
  await installMongo({ module: vuln, db: mongo.db });
  screen.line("migrated    13 tables on PostgreSQL, 6 collections on MongoDB");

  const documents = await importFeed();
  const operator = operatorOf(postgres, mongo);
  await operator.begin();
  const start = (name: string, tenant: string, seed: number) => startService({ name, tenant, seed, folder, ...urls });
  const [alpha, beta] = await Promise.all([start("service-1", "acme", 1), start("service-2", "globex", 2)]);
  screen.line("services    service-1 and service-2 write, read and page all along");

  const switches: Switch[] = [];
  const differing: string[] = [];
  const advance = async (to: Parameters<typeof operator.advance>[0]): Promise<void> => {
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
  const compare = async (): Promise<void> => {
    screen.running("compare     both databases, whole");
    const comparison = await operator.compare();
    const rows = comparison.aggregates.reduce((sum, aggregate) => sum + aggregate.rows.mongo, 0);
    const lagging = comparison.aggregates.reduce((sum, aggregate) => sum + aggregate.lagging, 0);
    const findings = comparison.aggregates.flatMap((aggregate) => aggregate.findings);
    differing.push(...findings.map((finding) => JSON.stringify(finding)));
    for (const finding of findings.slice(0, 5)) screen.line(`  differs   ${JSON.stringify(finding)}`);
    screen.line(`compare     ${rows} aggregates on both, ${findingsOf(comparison)} differ, ${lagging} on their way`);
  };

  await advance("dual-write");
  await beta.kill();
  screen.line("kill        service-2, by SIGKILL in the middle of its writes");
  const gamma = await start("service-3", "globex", 3);
  screen.line("services    service-3 takes its place");
  await backfill();
  await advance("shadow");
  await compare();
  await advance("live");
  await compare();
  await advance("shadow");
  await advance("dual-write");
  await advance("mongo");
  await advance("dual-write");
  await backfill();
  await advance("shadow");
  await advance("live");
  await compare();
  await advance("ramp-down");
  await advance("postgres");
  await Promise.all([alpha.stop(), gamma.stop()]);

  const app = openPostgres({ url: urls.postgres });
  const reader = await openVuln({ postgres: app, mongo, stage: "record" });
  const tally = await tallyOf([alpha.journal, beta.journal, gamma.journal], reader);
  await reader.close();
  await Promise.all([postgres.close(), app.close(), mongo.close()]);
  for (const fault of tally.lost.slice(0, 10)) screen.line(`  lost      ${fault}`);
  for (const failure of tally.failures.slice(0, 10)) screen.line(`  failed    ${failure}`);

  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  screen.line();
  for (const row of table([
    ["acknowledged writes", tally.acknowledged],
    ["lost", tally.lost.length],
    ["differing", differing.length],
    ["calls", tally.calls],
    ["calls failed", tally.callsFailed],
    ["worst caller latency, ms", tally.worstMs],
    ...switches.map(({ from, to, ms }): [string, number] => [`${from} to ${to}, ms`, ms]),
    ["seconds in all", seconds],
  ]))
    screen.line(row);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({
        feed: options.feed ?? "generated",
        documents,
        acknowledged: tally.acknowledged,
        lost: tally.lost.length,
        differences: differing.length,
        callsFailed: tally.callsFailed,
        killed: 1,
        switches,
        postgres: servers.postgres.version,
        mongo: servers.mongo.version,
        seconds,
      })}\n`,
    );
  await rm(folder, { recursive: true, force: true });
  if (options.keep) await kept(screen.line, servers.postgres.url, urls.mongo);
  await servers.stop();
  return tally.lost.length === 0 && differing.length === 0;

  /** Into MongoDB alone, as a service did before there was a stage record. */
  async function importFeed(): Promise<number> {
    const before = await openVuln({ mongo, stage: "mongo" });
    const { advisories } = before.shared();
    const source = seededIds(systemClock, 7);
    const counts = await importOsv({
      ...(options.feed === null
        ? { records: generateOsv({ count: options.documents, seed: 1 }) }
        : { path: options.feed }),
      advisories,
      sourceId: source.next(),
      clock: systemClock,
      ids: source,
      onProgress: ({ read, bytes, totalBytes }) =>
        screen.running(
          `import      ${read} ${options.feed === null ? bar(read, options.documents) : bar(bytes, totalBytes)}`,
        ),
      onRefused: ({ source: file, line, code, path, reason }) =>
        screen.line(`  refused   ${file}:${line} ${code} ${path ?? ""} ${reason}`),
    });
    await before.close();
    screen.line(`import      ${counts.inserted} advisories into MongoDB, ${counts.refused} refused`);
    return counts.inserted;
  }
}

const mongoDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href;

async function kept(line: (text: string) => void, postgres: string, mongo: string): Promise<void> {
  line(`kept        ${postgres}`);
  line(`kept        ${mongo}`);
  line("kept        end with Ctrl-C");
  await new Promise((resolve) => process.once("SIGINT", resolve));
}

try {
  const options = demoOptions(process.argv.slice(2));
  if (options === null) console.log(usage);
  else process.exitCode = (await demo(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof TypeError ? error.message : error);
  process.exit(error instanceof TypeError ? 2 : 1);
}
