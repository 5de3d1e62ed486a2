import { provision as provisionModule, replicatorRole, rolesOf, type Passwords } from "@stellaops/migrator";
import type { Command, Context } from "../context.ts";
import { modulesOf } from "../modules.ts";
import type { MigrateOptions } from "./options.ts";
import { reachable } from "./work.ts";

/** Makes the roles and schemas that migrations and services need. A dry run prints the script, without passwords. */
export const provision =
  ({ module, dryRun = false }: MigrateOptions): Command =>
  async (context) => {
    const scripts = [];
    for (const definition of modulesOf(module)) {
      const { name } = definition;
      const url = context.connections.adminUrl(name);
      if (!dryRun) await reachable(url);
      const passwords = passwordsOf(context, name);
      const shared = { module: definition, url, log: context.logger, signal: context.signal, dryRun };
      const { sql } = await provisionModule(dryRun ? shared : { ...shared, passwords });
      const { app } = rolesOf(definition);
      const logins = [
        ...(passwords.app === undefined ? [] : [app]),
        ...(passwords.replicator === undefined ? [] : [replicatorRole]),
      ];
      scripts.push({ module: name, logins, sql });
    }
    return {
      holds: true,
      result: { dryRun, modules: scripts.map(({ sql, ...rest }) => (dryRun ? { ...rest, sql } : rest)) },
      lines: scripts.flatMap(({ module: name, logins, sql }) => [
        ...(dryRun ? [sql] : [`${name}: roles and schemas are there`]),
        ...logins.map((login) => `${dryRun ? "-- " : "  "}${login} ${dryRun ? "would get" : "has"} a password`),
      ]),
    };
  };

/** From the environment only: a flag would stand in the list of processes. */
function passwordsOf({ settings }: Context, module: string): Passwords {
  const app = settings.secret(`STELLA_${module.toUpperCase()}_APP_PASSWORD`);
  const replicator = settings.secret("STELLA_REPLICATOR_PASSWORD");
  return { ...(app === undefined ? {} : { app }), ...(replicator === undefined ? {} : { replicator }) };
}
