import { postgresUrl } from "./servers.ts";
import { exclusively } from "./with-postgres.ts";

export interface LoginRoleOptions {
  /** Roles it becomes a member of; they must exist. */
  readonly memberOf?: readonly string[];
  readonly bypassRls?: boolean;
}

export interface LoginRole {
  readonly name: string;
  readonly password: string;
}

/**
 * A role to log in as. Roles belong to the cluster: the role stays after the file's database is gone, and asking for it
 * again, from any file at once, gives the same one.
 */
export const loginRole = (name: string, options: LoginRoleOptions = {}): Promise<LoginRole> =>
  exclusively(postgresUrl(), async (client) => {
    const role = client.escapeIdentifier(name);
    const password = `${name} of the tests`;
    const attributes = `login password ${client.escapeLiteral(password)} ${options.bypassRls ? "" : "no"}bypassrls`;
    const { rowCount } = await client.query("select from pg_roles where rolname = $1", [name]);
    await client.query(`${rowCount === 0 ? "create" : "alter"} role ${role} ${attributes}`);
    for (const group of options.memberOf ?? []) {
      await client.query(`grant ${client.escapeIdentifier(group)} to ${role}`);
    }
    return { name, password };
  });
