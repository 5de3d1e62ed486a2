import { conflict, dataError, type DataLayerError } from "./errors.ts";

/** Where something may go from each of its states; from an end nowhere. */
export type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

export interface Move<S> {
  readonly from: S;
  readonly to: S;
}

/** @throws conflict: no state of the database makes such a move right; `VALUE_CHOICE` (data) for what is no state at all */
export function refuseIllegalMove<S extends string>(moves: Moves<S>, { from, to }: Move<S>, what: Illegal): void {
  for (const [path, state] of Object.entries({ from, to }))
    if (typeof state !== "string" || !Object.hasOwn(moves, state))
      throw dataError("VALUE_CHOICE", `${what.one}: ${path} is none of ${Object.keys(moves).join(", ")}`, {
        details: { path },
      });
  if (!moves[from].includes(to)) throw illegal(moves[from], { from, to }, what);
}

/** How a refusal is told. */
export interface Illegal {
  readonly code: string;
  readonly one: string;
}

function illegal(ways: readonly string[], { from, to }: Move<string>, { code, one }: Illegal): DataLayerError {
  const rest = ways.length === 0 ? `one that is ${from} stays so` : `from ${from} it goes to ${ways.join(", ")}`;
  return conflict(code, `${one}: there is no move from ${from} to ${to}; ${rest}`, { details: { from, to } });
}
