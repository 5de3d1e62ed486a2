/** The five characters that PostgreSQL gives an error; undefined for anything else, a lost connection for one. */
export function sqlStateOf(error: unknown): string | undefined {
  // `severity` tells the server's answers from Node's: EPIPE has five capitals too.
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The session is gone, and with it the lock and whatever was not committed. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return state.startsWith("08") || /^57P0[1-5]$/.test(state);
  // Node's errors of sockets name the system call; pg's own are known by their text alone.
  return (
    error instanceof Error &&
    ("syscall" in error || /connection (?:terminated|error|ended)|not queryable/i.test(error.message))
  );
}

/** Lock timeout, deadlock, serialization: nothing is wrong with the file. */
export const isContention = (error: unknown): boolean => ["55P03", "40P01", "40001"].includes(sqlStateOf(error) ?? "");
