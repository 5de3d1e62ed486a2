import { checkAnswers } from "./check-reads.ts";
import { checkWrites } from "./check-writes.ts";
import type { Operation } from "./operation.ts";
import { versionsOf } from "./versions.ts";

/** What is wrong in a history, a sentence each, with the key; nothing when every key is linearizable and no update is lost. */
export function checkHistory(operations: readonly Operation[]): readonly string[] {
  return [...Map.groupBy(operations, ({ key }) => key)].flatMap(([key, own]) => {
    const versions = versionsOf(own);
    const broken = [...versions.broken, ...checkWrites(versions), ...checkAnswers(own, versions)];
    return broken.map((sentence) => `${key}: ${sentence}`);
  });
}
