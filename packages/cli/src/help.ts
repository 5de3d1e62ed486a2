import { settingForms } from "./config/names.ts";
import { moduleNames } from "./modules.ts";

const settings = Object.values(settingForms).map(
  ({ variable, flag, what }) => `  STELLA_${variable.padEnd(20)} ${flag.padEnd(22)} ${what}`,
);

export const rootHelp = `
Modules: ${moduleNames.join(", ")}

Moving a module from MongoDB to PostgreSQL:
  $ stella-data migrate provision --module vuln      roles and schemas, once
  $ stella-data migrate apply --module vuln          both databases
  $ stella-data doctor --module vuln                 is everything well?
  $ stella-data stage init --module vuln --stage mongo
  $ stella-data stage advance --module vuln          to "dual-write": replication begins
  $ stella-data backfill run --module vuln           what was there before
  $ stella-data stage advance --module vuln          to "shadow": reads are compared
  $ stella-data compare run --module vuln            both databases, whole
  $ stella-data stage advance --module vuln          to "live": PostgreSQL is the primary
  $ stella-data stage advance --module vuln          to "ramp-down"
  $ stella-data stage advance --module vuln --yes    to "postgres": replication ends
Each step back is \`stage back\`. Nothing is lost on the way, in either direction.

Exit codes:
  0    done, and it holds
  1    a check found something, or a guard refused
  2    usage or configuration
  3    a server could not be reached
  130  interrupted; what was done stays, and the same command goes on from there

Settings (a flag wins over the environment, the environment over persistence.yaml):
${settings.join("\n")}
  STELLA_<MODULE>_…  instead of STELLA_… sets it for one module: STELLA_VULN_MONGODB_URL
  STELLA_<MODULE>_STAGE                            "mongo", "postgres" or "record": where vuln import opens the module
  STELLA_<MODULE>_APP_PASSWORD, STELLA_REPLICATOR_PASSWORD    for migrate provision
Prefer the environment or the file for URLs with passwords: flags stand in the list of processes.
The file is ./persistence.yaml, or the one that --config names; docs/persistence-config-template.yaml explains it.
`;

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ stella-data ${line}`).join("\n")}\n`;
