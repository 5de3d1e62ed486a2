import { snake, type Aggregate, type Condition } from "@stellaops/kernel";
import { literal } from "./literal.ts";

/** A condition as SQL, of the table by this name. */
export const among = ({ field, values }: Condition, table: string): string =>
  `${table}."${snake(field)}" in (${values.map(literal).join(", ")})`;

/** What every change of a row is guarded by. */
export const changeable = ({ frozen }: Aggregate, table: string): readonly string[] =>
  frozen === null ? [] : [`not ${among(frozen, table)}`];
