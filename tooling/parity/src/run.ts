import { basename } from "node:path";
import { startVitest, type TestCase, type TestModule } from "vitest/node";
import { columns, type Column, type Outcome } from "./outcome.ts";

/** Runs the parity suites of one module on real servers; progress goes to the terminal as vitest shows it. */
export async function runSuites(module: string): Promise<readonly Outcome[]> {
  const files = columns.map((column) => `packages/${module}/test/${column}.test.ts`);
  const vitest = await startVitest("test", files, { watch: false, run: true, reporters: ["default"] });
  try {
    const modules = vitest.state.getTestModules();
    const missing = columns.filter((column) => !modules.some((one) => columnOf(one) === column));
    const unhandled = vitest.state
      .getUnhandledErrors()
      .map((error) => brokenOf("differential", "unhandled error", error));
    return [
      ...modules.flatMap(outcomesOf),
      ...missing.map((column) => brokenOf(column, "the whole suite", "no such test file was run")),
      ...unhandled,
    ];
  } finally {
    await vitest.close();
  }
}

const columnOf = ({ moduleId }: TestModule): Column | undefined =>
  columns.find((column) => basename(moduleId) === `${column}.test.ts`);

function outcomesOf(module: TestModule): readonly Outcome[] {
  const column = columnOf(module);
  if (column === undefined) return [];
  const broken = [module, ...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map((error) => brokenOf(column, "the whole suite", error.message)),
  );
  return [...[...module.children.allTests()].flatMap((test) => outcomesOfTest(column, test)), ...broken];
}

function outcomesOfTest(column: Column, test: TestCase): readonly Outcome[] {
  const { state, errors } = test.result();
  return subjectsOf(test.name).map((subject) => ({
    column,
    subject,
    name: test.fullName,
    passed: state === "passed",
    milliseconds: Math.round(test.diagnostic()?.duration ?? 0),
    message: state === "passed" ? null : (errors?.map(({ message }) => message).join("\n") ?? `the test was ${state}`),
  }));
}

/** `users.findByUsername and findByEmail: …` is about both verbs. */
function subjectsOf(name: string): readonly string[] {
  const subject = name.split(": ")[0] ?? name;
  const [, repository = "", verbs = ""] = /^([a-z]\w*)\.([a-z]\w*(?: and [a-z]\w*)+)$/i.exec(subject) ?? [];
  return verbs === "" ? [subject] : verbs.split(" and ").map((verb) => `${repository}.${verb}`);
}

const brokenOf = (column: Column, subject: string, error: unknown): Outcome => ({
  column,
  subject,
  name: subject,
  passed: false,
  milliseconds: 0,
  message: error instanceof Error ? error.message : String(error),
});
