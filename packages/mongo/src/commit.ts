import { setTimeout as wait } from "node:timers/promises";
import { unknownOutcome } from "@stellaops/kernel";
import type { ClientSession } from "mongodb";
import { mapError } from "./errors.ts";

/**
 * A commit without an answer is sent again on the same session, until a deadline. The server knows the transaction by the session and its
 * number, which is the session's last: it answers for the one that it stored, and with the label `TransientTransactionError` only where no
 * majority has it or can ever have it. So that answer, and none other, means that nothing was stored.
 * It would forget what it stored when a session was not used for half an hour, or had begun another transaction: neither can be here.
 * @throws a transient error when nothing was stored; `COMMIT_UNKNOWN` (unknown-outcome) when no server tells within the deadline
 */
export async function commit(session: ClientSession, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      if (isAborted(error)) throw mapError(error);
      if (performance.now() + pause > deadline) throw unknown(error);
      await wait(pause);
    }
  }
}

const labelled = (error: unknown, label: string): boolean =>
  error instanceof Error &&
  "hasErrorLabel" in error &&
  typeof error.hasErrorLabel === "function" &&
  error.hasErrorLabel(label) === true;

/** Only a server can know: the driver gives the label to connections that are lost as well. */
const isAborted = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === "MongoServerError" &&
  labelled(error, "TransientTransactionError") &&
  !labelled(error, "UnknownTransactionCommitResult");

const unknown = (cause: unknown): Error =>
  unknownOutcome(
    "COMMIT_UNKNOWN",
    "the connection was lost in COMMIT and no server could tell what became of it; read the documents to see whether it was stored before you write again",
    { cause },
  );
