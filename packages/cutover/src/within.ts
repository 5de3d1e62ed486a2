import { unavailable } from "@stellaops/kernel";

/** Gives up waiting for a server that hangs; the work itself goes on until its own end. @throws `NO_ANSWER` (unavailable) */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable("NO_ANSWER", `no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
