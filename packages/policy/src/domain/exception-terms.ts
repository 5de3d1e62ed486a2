import { dataError } from "@stellaops/kernel";

const minJustification = 10;

interface Terms {
  readonly justification: string;
  readonly effectiveAt: Date;
  readonly expiresAt: Date;
}

/** What no field of an exception can tell alone. @throws `JUSTIFICATION_TOO_SHORT`, `EXCEPTION_WINDOW` (data) */
export function refuseBadTerms({ justification, effectiveAt, expiresAt }: Terms): void {
  // Code points: what people and both databases count.
  if ([...justification].length < minJustification)
    throw dataError(
      "JUSTIFICATION_TOO_SHORT",
      `exception: justification has fewer than ${minJustification} characters; say why the risk is borne`,
      { details: { path: "justification" } },
    );
  if (expiresAt.getTime() <= effectiveAt.getTime())
    throw dataError("EXCEPTION_WINDOW", "exception: expiresAt is not after effectiveAt; give it a time to hold", {
      details: { path: "expiresAt" },
    });
}
