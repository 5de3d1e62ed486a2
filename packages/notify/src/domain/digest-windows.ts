export const digestWindows = ["instant", "5m", "15m", "1h", "1d"] as const;
export type DigestWindow = (typeof digestWindows)[number];

/** From `start` on, before `end`. */
export interface Span {
  readonly start: Date;
  readonly end: Date;
}

const minutes: Readonly<Record<DigestWindow, number>> = { instant: 0, "5m": 5, "15m": 15, "1h": 60, "1d": 1_440 };

/** In which an item is gathered. Windows lie next to each other from midnight UTC on; `instant` ends as it begins and is due at once. */
export function digestWindow(window: DigestWindow, at: Date): Span {
  const length = minutes[window] * 60_000;
  const start = length === 0 ? at.getTime() : Math.floor(at.getTime() / length) * length;
  return { start: new Date(start), end: new Date(start + length) };
}

/** The one after, for what finds its own closed or full; of `instant` it begins a millisecond later. */
export function nextDigestWindow(window: DigestWindow, start: Date): Span {
  return digestWindow(window, new Date(start.getTime() + Math.max(minutes[window] * 60_000, 1)));
}
