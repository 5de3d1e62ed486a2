/** A plain reference for fire times: it walks instant by instant and asks the platform what the clock on the wall says. */
interface Wall {
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(timezone, format);
  }
  return format;
}

const walls = new Map<string, Wall>();
function wallAt(timezone: string, at: number): Wall {
  const key = `${timezone}/${at}`;
  let wall = walls.get(key);
  if (wall === undefined) walls.set(key, (wall = readWall(timezone, at)));
  return wall;
}

function readWall(timezone: string, at: number): Wall {
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${parts["year"]}-${parts["month"]}-${parts["day"]}`;
  return {
    date,
    hour: Number(parts["hour"]),
    minute: Number(parts["minute"]),
    weekday: new Date(`${date}T00:00:00Z`).getUTCDay(),
  };
}

/** A cron expression as sets of numbers; null: every one. */
export interface Pattern {
  readonly minutes: readonly number[] | null;
  readonly hours: readonly number[] | null;
  readonly weekdays: readonly number[] | null;
}
const field = (of: readonly number[] | null): string => (of === null ? "*" : of.join(","));
export const cronOf = ({ minutes, hours, weekdays }: Pattern): string =>
  `${field(minutes)} ${field(hours)} * * ${field(weekdays)}`;

const holds = (of: readonly number[] | null, value: number): boolean => of === null || of.includes(value);

/**
 * Fire times within the minutes after an instant. One minute and one hour is a fixed time: the first instant of a day at which the clock has
 * reached it. Anything else fires at each minute at which the clock reads so.
 */
export function plainFires(
  { minutes, hours, weekdays }: Pattern,
  timezone: string,
  after: Date,
  span: number,
): readonly Date[] {
  const fixed = minutes?.length === 1 && hours?.length === 1;
  const wanted = fixed ? hours[0]! * 60 + minutes[0]! : 0;
  const fires: Date[] = [];
  // Two days earlier, so that the day in which `after` lies is known from its beginning.
  const start = Math.floor(after.getTime() / 60_000) * 60_000 - 2 * 86_400_000;
  let reached = "";
  for (let at = start; at <= after.getTime() + span * 60_000; at += 60_000) {
    const wall = wallAt(timezone, at);
    const due = fixed
      ? wall.hour * 60 + wall.minute >= wanted && wall.date !== reached
      : holds(minutes, wall.minute) && holds(hours, wall.hour);
    if (!due) continue;
    reached = wall.date;
    if (at > after.getTime() && holds(weekdays, wall.weekday)) fires.push(new Date(at));
  }
  return fires;
}
