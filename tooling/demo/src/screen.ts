/** One line a step; on a terminal the running step is redrawn in place. With `--json` all of it goes to stderr. */
export interface Screen {
  /** Redraws the running step, on a terminal. */
  running(text: string): void;
  /** Ends the running step with its line. */
  line(text?: string): void;
}

export function screenOf(stream: NodeJS.WriteStream): Screen {
  const { isTTY } = stream;
  let drawn = false;
  const erase = (): void => {
    if (drawn) stream.write("\r\u001b[2K");
    drawn = false;
  };
  return {
    running(text) {
      if (!isTTY) return;
      erase();
      stream.write(text.slice(0, (stream.columns ?? 80) - 1));
      drawn = true;
    },
    line(text = "") {
      erase();
      stream.write(`${text}\n`);
    },
  };
}

export function bar(done: number, total: number | null): string {
  if (total === null || total === 0) return String(done);
  const width = 30;
  const filled = Math.min(width, Math.round((done / total) * width));
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${Math.floor((done / total) * 100)} %`;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, i) =>
        typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
}
