import { describe, expect, test } from "vitest";
import { dataError, retryTransient, transient } from "../src/index.ts";

const again = () => transient("SERIALIZATION", "again");

describe("retry", () => {
  test("runs a unit until it succeeds, and tells of each further attempt", async () => {
    const told: number[] = [];
    const answer = await retryTransient(
      (attempt) => (attempt < 4 ? Promise.reject(again()) : Promise.resolve(`at ${attempt}`)),
      { onRetry: (_, attempt) => told.push(attempt) },
    );
    expect([answer, told]).toEqual(["at 4", [1, 2, 3]]);
  });

  test("throws the last error when the deadline leaves no time, after at least one attempt", async () => {
    const error = again();
    let attempts = 0;
    const work = () => {
      attempts += 1;
      return Promise.reject(error);
    };
    await expect(retryTransient(work, { deadlineMs: 0 })).rejects.toBe(error);
    expect(attempts).toBe(1);
  });

  test.each([
    ["a typed error that is not transient", dataError("VALUE_NUL", "no")],
    ["any other error", new Error("no")],
  ])("does not repeat %s", async (_, error) => {
    const attempts: number[] = [];
    const work = (attempt: number) => {
      attempts.push(attempt);
      return Promise.reject(error);
    };
    await expect(retryTransient(work)).rejects.toBe(error);
    expect(attempts).toEqual([1]);
  });

  test("aborted between two attempts, it throws the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const ended = retryTransient(() => Promise.reject(again()), {
      signal: stop.signal,
      onRetry: () => queueMicrotask(() => stop.abort(reason)),
    });
    await expect(ended).rejects.toBe(reason);
  });

  test("a unit that throws before its first await is repeated too", async () => {
    const work = (attempt: number): Promise<number> => {
      if (attempt === 1) throw again();
      return Promise.resolve(attempt);
    };
    expect(await retryTransient(work)).toBe(2);
  });

  test("an aborted signal begins nothing, and ends the pause between attempts", async () => {
    const reason = new Error("stop");
    const never = () => Promise.reject(new Error("must not run"));
    await expect(retryTransient(never, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const attempts: number[] = [];
    const work = (attempt: number) => {
      attempts.push(attempt);
      return Promise.reject(again());
    };
    const onRetry = () => controller.abort(reason);
    await expect(retryTransient(work, { signal: controller.signal, onRetry })).rejects.toSatisfy(
      (error: unknown) => error === reason || (error instanceof Error && error.cause === reason),
    );
    expect(attempts).toEqual([1]);
  });
});
