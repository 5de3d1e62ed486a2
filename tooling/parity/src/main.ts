import { access, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reportOf, writeReport } from "./report.ts";
import { runSuites } from "./run.ts";

/**
 * `pnpm parity [--module M]`: the contract on each database, the differential on both at once, the value hazards and the tenancy matrix,
 * and a table of them in `.reports/parity/`. Exit 0 only when every test of every verb passed; 2 when the module is not known.
 */
const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseArgs({ options: { module: { type: "string" } } });

const hasSuites = (name: string): Promise<boolean> =>
  access(`${root}packages/${name}/test/differential.test.ts`).then(
    () => true,
    () => false,
  );
const known: string[] = [];
for (const name of (await readdir(`${root}packages`)).toSorted()) if (await hasSuites(name)) known.push(name);

if (values.module !== undefined && !known.includes(values.module)) {
  console.error(`no module "${values.module}" has parity suites; there are: ${known.join(", ")}`);
  process.exit(2);
}

process.chdir(root);
const folder = `${root}.reports/parity`;
let failed = 0;
for (const module of values.module === undefined ? known : [values.module]) {
  const report = reportOf(module, await runSuites(module));
  console.log(`\n${await writeReport(folder, report)}`);
  failed += report.table.failed + report.table.gaps.length;
}
console.log("written to .reports/parity/ as Markdown, JSON and JUnit");
process.exit(failed === 0 ? 0 : 1);
