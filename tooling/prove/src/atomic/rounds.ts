import type { Call, Plain } from "./call.ts";

/** All callers come to the same keys in the same order, so that they meet at each: the id of the row of a round. */
export const idOf = (round: number): string => `01900000-0000-7000-8000-${round.toString(16).padStart(12, "0")}`;

export const byKey = (calls: readonly Call[], verb: string): ReadonlyMap<string, readonly Call[]> =>
  Map.groupBy(
    calls.filter((call) => call.verb === verb),
    ({ key }) => key,
  );

/** Calls that were answered, with what they were told, as the scene wrote it down. */
export const answered = <A extends Plain>(
  calls: readonly Call[],
  told: (answer: Plain) => A,
): readonly (Call & { readonly told: A })[] =>
  calls.flatMap((call) =>
    call.end !== null && "answer" in call.end ? [{ ...call, told: told(call.end.answer) }] : [],
  );

/** Calls of processes that died before they were told: they may have happened. */
export const open = (calls: readonly Call[]): readonly Call[] => calls.filter(({ end }) => end === null);

export const refused = (calls: readonly Call[], code: string): readonly Call[] =>
  calls.filter(({ end }) => end !== null && "refused" in end && end.refused === code);

export const outcomeOf = ({ end }: Call): "done" | "refused" | "open" =>
  end === null ? "open" : "answer" in end ? "done" : "refused";
