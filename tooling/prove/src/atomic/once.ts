import type { Call, Plain } from "./call.ts";
import { answered, open } from "./rounds.ts";

/** What whoever asks for something that is to be there once is told. */
interface Made {
  readonly id: string;
  readonly created: boolean;
}
const asMade = (answer: Plain): Made => answer as unknown as Made;

/** However often it is asked for under one key: everybody is told of the same one, which is made once and is what is stored. */
export function judgeOnce(key: string, calls: readonly Call[], stored: string | undefined): readonly string[] {
  const told = answered(calls, (answer) => answer).map((call) => asMade(call.told));
  const ids = new Set(told.map(({ id }) => id));
  const created = told.filter((one) => one.created).length;
  const broken: string[] = [];
  if (ids.size > 1) broken.push(`whoever asked for ${key} was told of ${ids.size}`);
  if (created > 1) broken.push(`${key} was made ${created} times`);
  if (created === 0 && told.length > 0 && open(calls).length === 0) broken.push(`nobody made ${key}`);
  if (told.length > 0 && (stored === undefined || !ids.has(stored)))
    broken.push(`whoever asked for ${key} was told of ${[...ids].join(", ")}, and ${stored ?? "none"} is stored`);
  return broken;
}

interface Contest {
  readonly calls: readonly Call[];
  /** Of an answer; null: neither. */
  readonly won: (answer: Plain) => boolean | null;
  /** Whose it is stored as. */
  readonly holder: string | null;
}

/** However many ask for it at once: one gets it, and it is stored as that one's. */
export function judgeContest(key: string, { calls, won, holder }: Contest): readonly string[] {
  const told = answered(calls, won as (answer: Plain) => Plain);
  const winners = told.filter((call) => call.told === true);
  const [winner] = winners;
  const broken: string[] = [];
  if (winners.length > 1)
    broken.push(`${key} was given to ${winners.length}: ${winners.map(({ by }) => by).join(", ")}`);
  if (winner !== undefined && winner.by !== holder)
    broken.push(`${key} was given to ${winner.by}, and ${holder ?? "nobody"} has it`);
  const refused = told.some((call) => call.told === false);
  if (winner === undefined && refused && !open(calls).some(({ by }) => by === holder))
    broken.push(`${key} was refused as given away, and nobody was given it`);
  return broken;
}
