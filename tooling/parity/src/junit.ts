import { titles } from "./outcome.ts";
import type { Report } from "./report.ts";

// XML 1.0 has no control characters, not even escaped; a lone surrogate would not survive as UTF-8.
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string =>
  text.replace(forbidden, "\ufffd").replace(/[&<>"]/g, (character) => entities[character] ?? "");

export function junitOf({ module, outcomes, table }: Report): string {
  const cases = outcomes.map(({ column, subject, name, passed, milliseconds, message }) => {
    const head = `<testcase classname="${escaped(`${module}.${titles[column]}.${subject}`)}" name="${escaped(name)}" time="${milliseconds / 1_000}"`;
    return passed ? `${head}/>` : `${head}><failure>${escaped(message ?? "")}</failure></testcase>`;
  });
  const gaps = table.gaps.map((gap) => `<testcase classname="${module}" name="${escaped(gap)}"><failure/></testcase>`);
  const failed = table.failed + table.gaps.length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="parity of ${module}" tests="${cases.length + gaps.length}" failures="${failed}">`,
    ...cases,
    ...gaps,
    "</testsuite>",
    "",
  ].join("\n");
}
