import { checkModule, quoted, replicatorRole, rolesOf, type MigrationModule } from "../module.ts";
import { freezeSql } from "./freeze.ts";
import { retentionSql } from "./retention.ts";
import { scramVerifier } from "./scram.ts";
import { tenancySql } from "./tenancy.ts";

export interface Passwords {
  /** Makes `<module>_app` a login. Left out, services log in as members of it. */
  readonly app?: string;
  /** Makes `stella_replicator` a login. */
  readonly replicator?: string;
}

/** The module every other one leans on: stage record, leases and register. */
const cutover = { owner: "cutover_owner", app: "cutover_app", schema: "cutover" };

/**
 * Roles, memberships, schemas and default grants, as one script. Repeatable: what is there is left alone, except for
 * passwords, which are set again. Passwords appear as SCRAM verifiers.
 *
 * @throws `MODULE_NAME_INVALID` (programming), `PROVISION_PASSWORD` (data)
 */
export function provisionSql(module: MigrationModule, passwords: Passwords = {}): string {
  checkModule(module);
  const { owner, app } = rolesOf(module);
  const others = module.name === cutover.schema ? [] : moduleGrants(module);
  return [
    ...new Set([
      role(cutover.owner, "nologin"),
      role(cutover.app, "nologin"),
      role(replicatorRole, "nologin bypassrls"),
      role(owner, "nologin"),
      role(app, "nologin"),
      ...login(app, passwords.app),
      ...login(replicatorRole, passwords.replicator),
      creatorMay(cutover.owner),
      creatorMay(owner),
      member(cutover.app, replicatorRole),
      member(replicatorRole, cutover.owner, " with inherit false, set true"),
      schema(cutover.schema, cutover.owner),
      `grant create on schema ${cutover.schema} to ${replicatorRole};`,
      `grant usage on schema ${cutover.schema} to ${cutover.app};`,
      ...others,
    ]),
  ].join("\n");
}

function moduleGrants(module: MigrationModule): readonly string[] {
  const { owner, app } = rolesOf(module);
  const [tables, functions] = [quoted(module.schema), quoted(`${module.schema}_app`)];
  const users = `${quoted(app)}, ${replicatorRole}`;
  return [
    member(cutover.app, app),
    // So that data migrations can act as the replicator and reviewed definer functions can belong to it; the owner has
    // to take the role by name, it inherits nothing.
    member(replicatorRole, owner, " with inherit false, set true"),
    schema(module.schema, owner),
    schema(`${module.schema}_app`, owner),
    // First: functions are given to it below, and who is no superuser may give them only to one that may create here.
    `grant create on schema ${functions} to ${replicatorRole};`,
    ...tenancySql(module),
    ...retentionSql(module),
    ...freezeSql(module),
    `grant usage on schema ${tables}, ${functions} to ${users};`,
    `alter default privileges for role ${quoted(owner)} in schema ${tables} grant select, insert, update, delete on tables to ${users};`,
  ];
}

// Roles belong to the cluster: another database may be making the same one right now.
const role = (name: string, attributes: string): string =>
  block(`if not exists (select from pg_roles where rolname = '${name}') then
    create role ${quoted(name)} ${attributes};
  end if;
exception when duplicate_object or unique_violation then null;`);

const login = (name: string, password: string | undefined): readonly string[] =>
  password === undefined ? [] : [`alter role ${quoted(name)} login password '${scramVerifier(password)}';`];

const member = (group: string, name: string, how = ""): string =>
  block(`if not exists (select from pg_auth_members where roleid = '${group}'::regrole and member = '${name}'::regrole) then
    grant ${quoted(group)} to ${quoted(name)}${how};
  end if;`);

/** Who may create roles but is no superuser has to become a member to give a schema away. */
const creatorMay = (owner: string): string =>
  block(`if not pg_has_role(current_user, '${owner}', 'USAGE') or not pg_has_role(current_user, '${owner}', 'SET') then
    execute format('grant %I to %I with inherit true, set true', '${owner}', current_user);
  end if;`);

const schema = (name: string, owner: string): string =>
  block(`if not exists (select from pg_namespace where nspname = '${name}') then
    create schema ${quoted(name)} authorization ${quoted(owner)};
  elsif not exists (select from pg_namespace where nspname = '${name}' and nspowner = '${owner}'::regrole) then
    alter schema ${quoted(name)} owner to ${quoted(owner)};
  end if;`);

const block = (body: string): string => `do $$ begin\n  ${body}\nend $$;`;
