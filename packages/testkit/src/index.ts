export { mongoDatabase, withMongo } from "./mongo-database.ts";
export type { MongoDatabase } from "./mongo-database.ts";
export { postgresDatabase } from "./postgres-database.ts";
export type { PostgresDatabase, PostgresDatabaseOptions } from "./postgres-database.ts";
export { loginRole } from "./roles.ts";
export type { LoginRole, LoginRoleOptions } from "./roles.ts";
export { mongoUrl, postgresUrl } from "./servers.ts";
export { databaseUrl, mongoDatabaseUrl, roleUrl } from "./urls.ts";
export { exclusively, withPostgres } from "./with-postgres.ts";
