import { codeOf } from "@stellaops/kernel";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseConfig } from "../src/config/read-config.ts";
import { Settings } from "../src/config/settings.ts";

const template = await readFile(
  fileURLToPath(new URL("../../../docs/persistence-config-template.yaml", import.meta.url)),
  "utf8",
);

const refusal = (work: () => unknown): { code: string | undefined; message: string } => {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return { code: codeOf(error), message: error.message };
  }
  throw new Error("nothing was refused");
};

const environment = {
  STELLA_POSTGRES_URL: "postgres://env",
  STELLA_POSTGRES_ADMIN_URL: "postgres://admin",
  STELLA_REPLICATOR_URL: "postgres://replicator",
  STELLA_MONGODB_URL: "mongodb://env",
};

test("the template in docs is read, with its references taken from the environment", () => {
  const settings = new Settings({ flags: {}, environment, config: parseConfig("template", template) });
  expect(settings.url("postgresUrl", "vuln")).toBe("postgres://env");
  expect(settings.url("postgresAdminUrl", "vuln")).toBe("postgres://admin");
  expect(settings.url("replicatorUrl", "vuln")).toBe("postgres://replicator");
  expect(settings.url("mongodbUrl", "vuln")).toBe("mongodb://env");
  expect(settings.get("mongodbDatabase", "vuln")).toBe("vuln");
  expect(settings.stage("vuln")).toBe("record");
});

test("every line of the template that is commented out is allowed too", () => {
  const whole = template.replace(/^(\s*)# (\s*[A-Za-z]+:(?: [^ ].*)?)$/gm, "$1$2");
  expect(whole).not.toBe(template);
  expect(parseConfig("template", whole)).toMatchObject({ modules: { vuln: { postgres: {}, mongodb: {} } } });
});

test("a flag wins over the environment, the environment over the file, the module over all", () => {
  const config = parseConfig(
    "file",
    "mongodb: { url: mongodb://file }\nmodules: { vuln: { mongodb: { url: mongodb://own } } }",
  );
  const url = (flags: object, more: Record<string, string>): string =>
    new Settings({ flags, environment: more, config }).url("mongodbUrl", "vuln");
  expect(url({}, {})).toBe("mongodb://own");
  expect(url({}, { STELLA_MONGODB_URL: "mongodb://env" })).toBe("mongodb://env");
  expect(url({}, { STELLA_MONGODB_URL: "mongodb://env", STELLA_VULN_MONGODB_URL: "mongodb://mine" })).toBe(
    "mongodb://mine",
  );
  expect(url({ mongodbUrl: "mongodb://flag" }, environment)).toBe("mongodb://flag");
});

test("a mistake in the file is told with its path", () => {
  const { code, message } = refusal(() =>
    parseConfig("file.yaml", "postgress: {}\nmodules: { vuln: { stage: live, mongodb: { url: 3 } } }"),
  );
  expect(code).toBe("CONFIG_INVALID");
  expect(message).toContain("modules.vuln.stage");
  expect(message).toContain("modules.vuln.mongodb.url");
  expect(message).toContain("postgress");
});

test("a reference to a variable that is not set is told when it is needed, with its path", () => {
  const config = parseConfig("file", "postgres: { url: '${STELLA_NOWHERE}', adminUrl: postgres://admin }");
  const settings = new Settings({ flags: {}, environment: {}, config });
  expect(settings.url("postgresAdminUrl", "vuln")).toBe("postgres://admin");
  const { code, message } = refusal(() => settings.url("postgresUrl", "vuln"));
  expect(code).toBe("CONFIG_REFERENCE");
  expect(message).toContain("postgres.url");
  expect(message).toContain("STELLA_NOWHERE");
});

test("text that is no YAML is refused without being quoted", () => {
  const { code, message } = refusal(() => parseConfig("file", "postgres: { url: postgres://u:hunter22@h\n  x: ["));
  expect(code).toBe("CONFIG_UNREADABLE");
  expect(message).not.toContain("hunter22");
});
