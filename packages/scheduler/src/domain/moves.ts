import { conflict, type DataLayerError } from "@stellaops/kernel";

/** Where something may go from each of its states; from an end nowhere. */
export type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

export interface Move<S> {
  readonly from: S;
  readonly to: S;
}

/** @throws conflict: no state of the database makes such a move right */
export function refuseIllegalMove<S extends string>(moves: Moves<S>, { from, to }: Move<S>, what: Illegal): void {
  // What is no state at all is refused with the field's own error when the move is written.
  if (!(moves[from]?.includes(to) ?? true)) throw illegal(moves[from], { from, to }, what);
}

/** How a refusal is told. */
export interface Illegal {
  readonly code: string;
  readonly one: string;
}

function illegal(ways: readonly string[], { from, to }: Move<string>, { code, one }: Illegal): DataLayerError {
  const rest = ways.length === 0 ? `one that is ${from} stays so` : `from ${from} it goes to ${ways.join(", ")}`;
  return conflict(code, `a ${one} does not go from ${from} to ${to}: ${rest}`, { details: { from, to } });
}
