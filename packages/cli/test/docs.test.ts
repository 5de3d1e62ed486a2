import type { Command } from "commander";
import { glob, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { programOf } from "../src/program.ts";

/** Documents are held to the code: commands and options exist and are run by a test, scripts and files exist, links lead somewhere. */
const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), "utf8");
const all = async (pattern: string): Promise<readonly string[]> =>
  (await Array.fromAsync(glob(pattern, { cwd: root, exclude: (name) => name.includes("node_modules") }))).toSorted();

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...(await all("docs/**/*.md")),
  ...(await all("packages/*/README.md")),
];
const texts = new Map(await Promise.all(documents.map(async (path) => [path, await read(path)] as const)));
const program = programOf(() => () => Promise.resolve());
const files = new Set(await all("{docs,packages,tooling}/**/*.*"));

interface Named {
  readonly document: string;
  readonly line: string;
}

/** `stella-data …` in code, up to the end of the code or a comment. */
const commandsIn = (document: string, text: string): readonly Named[] =>
  [...text.matchAll(/(?:^|`|\$ )stella-data (?!-data)([^`\n#(|<>]*)/gm)].map(([, line = ""]) => ({
    document,
    line: line.trim(),
  }));

const named = [...texts].flatMap(([document, text]) => commandsIn(document, text)).filter(({ line }) => line !== "");

/** The command that a line names, and its words. */
function commandOf(line: string): {
  readonly path: readonly string[];
  readonly command: Command;
  readonly words: readonly string[];
} {
  let command: Command = program;
  const path: string[] = [];
  const words = line.split(/\s+/);
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) break;
    command = next;
    path.push(word);
  }
  return { path, command, words: words.slice(path.length) };
}

describe("commands in documents", () => {
  test.each(named.map(({ document, line }) => [line, document]))("%s (%s)", (line) => {
    const { command, words } = commandOf(line);
    const known = new Set([...program.options, ...command.options].flatMap(({ long, short }) => [long, short]));
    const ended = words.every((word) => word.startsWith("-"));
    expect(command.commands.length === 0 || ended, `there is no command "${line}"`).toBe(true);
    const options = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0] ?? word);
    expect(options.filter((option) => !known.has(option) && !["--help", "--version"].includes(option))).toEqual([]);
  });

  test("every one of them is run by a test", async () => {
    const tests = await Promise.all((await all("packages/*/test/**/*.test.ts")).map(read));
    const paths = new Set(
      named
        .map(({ line }) => commandOf(line))
        .filter(({ command }) => command.commands.length === 0)
        .map(({ path }) => path.join(" ")),
    );
    const run = (path: string): boolean =>
      tests.some((source) => path.split(" ").every((word) => source.includes(`"${word}"`)));
    expect([...paths].filter((path) => path !== "" && !run(path)).toSorted()).toEqual([]);
  });
});

describe("what else documents name", () => {
  test("scripts", async () => {
    const { scripts } = JSON.parse(await read("package.json")) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const own = new Set(["install", "exec", "run", "store", ...Object.keys(scripts)]);
    const unknown = [...texts].flatMap(([document, text]) =>
      [...text.matchAll(/pnpm@[\d.]+ (?:run )?([a-z:-]+)/g)]
        .filter(([, script = ""]) => !own.has(script) && !script.startsWith("-"))
        .map(([found]) => `${document}: ${found}`),
    );
    expect(unknown).toEqual([]);
  });

  test("error codes: SPECIFICATION has every one that is thrown", async () => {
    const sources = await Promise.all((await all("packages/*/src/**/*.ts")).map(read));
    const thrown = new Set(sources.flatMap((source) => [...source.matchAll(factory)].map(([, code = ""]) => code)));
    const specification = texts.get("docs/SPECIFICATION.md") ?? "";
    expect([...thrown].filter((code) => !specification.includes(`\`${code}\``)).toSorted()).toEqual([]);
  });

  test("links", () => {
    const broken = [...texts].flatMap(([document, text]) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)/g)].flatMap(([, path = "", anchor = ""]) => {
        const target = path === "" ? document : relative(root, resolve(root, dirname(document), path));
        const there =
          path === "" || files.has(target) || texts.has(target) || path.endsWith("/") || ["LICENSE"].includes(target);
        const found = texts.get(target);
        const headed = anchor === "" || found === undefined || anchorsOf(found).has(anchor.slice(1));
        return there && headed ? [] : [`${document}: ${path}${anchor}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  test("files", () => {
    const unknown = [...texts].flatMap(([document, text]) =>
      [...text.matchAll(/`((?:packages|tooling|docs)\/[\w./-]+\.(?:ts|sql|md|json|yaml|pml|txt|sh))`/g)]
        .filter(([, path = ""]) => !files.has(path))
        .map(([, path]) => `${document}: ${path}`),
    );
    expect(unknown).toEqual([]);
  });
});

const factory =
  /\b(?:transient|integrity|dataError|notFound|conflict|refused|unavailable|unknownOutcome|programming)\(\s*"(?!VALUE_|ROLE_)([A-Z][A-Z0-9_]+)"/g;

const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
