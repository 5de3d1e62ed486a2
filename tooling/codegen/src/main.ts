import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { summaryOf } from "./artifact.ts";
import { generate } from "./generate.ts";

/** `pnpm codegen` writes what is generated; with `--check` it only compares, and fails where a file is not what it should be. */
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const root = new URL("../../../", import.meta.url);
const artifacts = await generate();

let stale = 0;
for (const { path, text } of artifacts) {
  const file = fileURLToPath(new URL(path, root));
  const there = await readFile(file, "utf8").catch(() => null);
  const summary = summaryOf(there, text);
  if (summary.length === 0) continue;
  stale += 1;
  if (values.check) console.error([`${path} is not up to date:`, ...summary].join("\n  "));
  else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`${path} written`);
  }
}
if (!values.check) console.log(`${artifacts.length} generated files, ${stale} changed`);
else if (stale === 0) console.log(`${artifacts.length} generated files are up to date`);
else {
  console.error(
    `${stale} of ${artifacts.length} generated files are not up to date: run \`pnpm codegen\` and commit what it writes`,
  );
  process.exitCode = 1;
}
