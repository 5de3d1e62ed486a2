import { describe, expect, test } from "vitest";
import { parseName } from "../src/files/name.ts";
import { readMigrations } from "../src/files/read.ts";
import { folder } from "./support.ts";

describe("file names", () => {
  test.each([
    ["001_a.sql", "startup", 1],
    ["099_create_tables.sql", "startup", 99],
    ["100_drop_x.sql", "release", 100],
    ["999_x2.sql", "release", 999],
    ["S001_seed.sql", "seed", 1],
    ["DM999_fill.sql", "data", 999],
  ])("%s is %s", (name, category, number) => expect(parseName(name)).toEqual({ category, number }));

  test.each([
    ["0001_a.sql", "digits"],
    ["1_a.sql", "digits"],
    ["S1_a.sql", "digits"],
    ["DM0001_a.sql", "digits"],
    ["V1__a.sql", "versioned"],
    ["V2.1__a.sql", "versioned"],
    ["20240131_a.sql", "timestamp"],
    ["20240131120000_a.sql", "timestamp"],
    ["create.sql", "number"],
    ["S_a.sql", "number"],
    ["s001_a.sql", "prefix"],
    ["dm001_a.sql", "prefix"],
    ["R001_a.sql", "prefix"],
    ["000_a.sql", "zero"],
    ["S000_a.sql", "zero"],
    ["001.sql", "title"],
    ["001-a.sql", "title"],
    ["001_A.sql", "title"],
    ["001__a.sql", "title"],
    ["001_a_.sql", "title"],
    ["001_ä.sql", "title"],
    ["001_a.SQL", "extension"],
    ["001_a.sql.bak", "extension"],
    ["README.md", "extension"],
    [".gitkeep", "hidden"],
  ])("%s is refused: %s", (name, reason) => expect(parseName(name)).toMatchObject({ reason }));
});

describe("a folder", () => {
  test("is read in running order", async () => {
    const path = await folder({
      "DM001_d.sql": "-- stella: batch\nselect",
      "S001_s.sql": "",
      "100_r.sql": "",
      "002_b.sql": "",
      "001_a.sql": "",
    });
    const { files, problems } = await readMigrations(path);
    expect(problems).toEqual([]);
    expect(files.map(({ name }) => name)).toEqual(["001_a.sql", "002_b.sql", "100_r.sql", "S001_s.sql", "DM001_d.sql"]);
  });

  test("gives the same checksum with CRLF, with CR and with a byte order mark", async () => {
    const path = await folder({
      "001_a.sql": "select 1;\nselect 2;\n",
      "002_a.sql": "select 1;\r\nselect 2;\r\n",
      "003_a.sql": "select 1;\rselect 2;\r",
      "004_a.sql": "\uFEFFselect 1;\nselect 2;\n",
    });
    const { files } = await readMigrations(path);
    expect(new Set(files.map(({ checksum }) => checksum)).size).toBe(1);
  });

  test("refuses text that is not UTF-8, doubled numbers and wrong markers, each by name", async () => {
    const path = await folder({
      "001_latin.sql": Buffer.from([0x73, 0xe9]),
      "002_nul.sql": "select 1;\0",
      "003_a.sql": "",
      "003_b.sql": "",
      "004_marker.sql": "-- stella: notransaction\n",
      "005_batch.sql": "-- stella: batch\n",
      "006_proto.sql": "-- stella: constructor\n",
      "DM001_none.sql": "select 1",
    });
    const { problems } = await readMigrations(path);
    expect(problems.map(({ code, file }) => `${code} ${file}`)).toEqual([
      "MIGRATION_NOT_TEXT 001_latin.sql",
      "MIGRATION_NOT_TEXT 002_nul.sql",
      "MIGRATION_MARKER 004_marker.sql",
      "MIGRATION_MARKER 005_batch.sql",
      "MIGRATION_MARKER 006_proto.sql",
      "MIGRATION_MARKER DM001_none.sql",
      "MIGRATION_DUPLICATE 003_b.sql",
    ]);
  });

  test("that is not there is refused", () =>
    expect(readMigrations("/nowhere")).rejects.toMatchObject({ code: "MIGRATION_FOLDER_UNREADABLE" }));
});
