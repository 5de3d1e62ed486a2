/** A plain reference: what the platform says that clocks show, minute by minute. */
const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const [numeric, two] = ["numeric", "2-digit"] as const;
    const parts = { year: numeric, month: two, day: two, hour: two, minute: two } as const;
    formats.set(timeZone, (format = new Intl.DateTimeFormat("en-GB", { timeZone, hourCycle: "h23", ...parts })));
  }
  return format;
}

const shown = new Map<string, number>();
/** As minutes since 1970 of a calendar without zones. */
export function plainWall(timezone: string, at: number): number {
  const key = `${timezone}/${at}`;
  let minutes = shown.get(key);
  if (minutes === undefined) {
    const parts = new Map(
      formatOf(timezone)
        .formatToParts(at)
        .map(({ type, value }) => [type, Number(value)]),
    );
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
    minutes = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute")) / 60_000;
    shown.set(key, minutes);
  }
  return minutes;
}

/** The latest time shown so far, minute by minute from `from` on. */
export function plainReached(timezone: string, from: number, at: number): number {
  let reached = Number.NEGATIVE_INFINITY;
  for (let minute = from; minute <= at; minute += 60_000) reached = Math.max(reached, plainWall(timezone, minute));
  return reached;
}

/** Either side of changes of the clock: gaps and overlaps of an hour and of half an hour, at midnight, a day that is skipped; and a plain time. */
export const changes: readonly (readonly [timezone: string, at: string])[] = [
  ["Europe/Berlin", "2026-03-29T01:00:00Z"],
  ["Europe/Berlin", "2026-10-25T01:00:00Z"],
  ["America/New_York", "2026-03-08T07:00:00Z"],
  ["America/New_York", "2026-11-01T06:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
  ["America/Santiago", "2026-04-05T03:00:00Z"],
  ["America/Santiago", "2026-09-06T04:00:00Z"],
  ["America/St_Johns", "2026-11-01T04:30:00Z"],
  ["Asia/Kolkata", "2026-06-01T00:00:00Z"],
  ["Pacific/Apia", "2011-12-30T10:00:00Z"],
  ["UTC", "2026-02-28T23:00:00Z"],
];
