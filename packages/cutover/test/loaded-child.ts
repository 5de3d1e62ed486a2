import { registerHooks } from "node:module";

/** Opens the vuln module on one database, uses it, and tells which files were loaded for that: one a line. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { WORD = "", POSTGRES = "", MONGO = "" } = process.env;
const { openVuln } = await import("../../vuln/src/index.ts");
const connection =
  WORD === "postgres"
    ? { postgres: (await import("@stellaops/postgres")).openPostgres({ url: POSTGRES }) }
    : { mongo: (await import("@stellaops/mongo")).openMongo({ url: MONGO }) };
const vuln = await openVuln(connection);
await vuln.tenant("acme").transaction(({ kevFlags }) => kevFlags.replaceAll([]));
await vuln.tenant("acme").advisories.list();
await vuln.close();
await Promise.all(Object.values(connection).map((open) => open.close()));
process.stdout.write(loaded.join("\n"));
