import type { Aggregate, Condition } from "@stellaops/kernel";
import type { Document } from "mongodb";

/** A condition as a filter. */
export const among = ({ field, values }: Condition): Document => ({ [field]: { $in: values } });

/** What every change of a document is guarded by, beside what the caller asks of the same field. */
export const changeable = ({ frozen }: Aggregate, filter: Document): Document =>
  frozen === null ? filter : { $and: [filter, { $nor: [among(frozen)] }] };
