import { type Hours, WEEKDAYS } from '../core/alert-settings.ts';

const MINUTE_MS = 60_000;
const LONGEST_MINUTES = 8 * 24 * 60;
/** A winter and a summer on both sides of the equator. */
const SEASONS = [Date.UTC(2026, 0, 5), Date.UTC(2026, 6, 6)];

/** The first of these hours that hold this moment (milliseconds since 1970), each by the clock on the wall of its time zone. */
export function hoursAt<H extends Hours>(all: readonly H[], at: number): H | undefined {
  return all.find((hours) => holds(hours, wallClock(hours.timeZone, at)));
}

/** The first full minute from this moment on that none of them holds; undefined where there is none for a week. */
export function freeAfter(all: readonly Hours[], at: number): number | undefined {
  // Minute by minute: where a clock is put forward or back, no shorter way is right.
  const first = Math.ceil(at / MINUTE_MS);
  for (let minute = first; minute < first + LONGEST_MINUTES; minute += 1)
    if (hoursAt(all, minute * MINUTE_MS) === undefined) return minute * MINUTE_MS;
  return undefined;
}

/** Whether they leave no minute of a week free, at least for a part of the year. */
export function neverEnd(all: readonly Hours[]): boolean {
  return SEASONS.some((at) => freeAfter(all, at) === undefined);
}

interface WallClock {
  /** 0 is Monday. */
  readonly day: number;
  readonly minute: number;
}

function holds({ days, fromMinute, toMinute }: Hours, { day, minute }: WallClock): boolean {
  const beginsOn = (index: number) => days.some((name) => WEEKDAYS.indexOf(name) === index);
  if (fromMinute < toMinute) return beginsOn(day) && minute >= fromMinute && minute < toMinute;
  return (beginsOn(day) && minute >= fromMinute) || (beginsOn((day + 6) % 7) && minute < toMinute);
}

const DAY_MINUTES = 24 * 60;
/** No clock is put forward or back in between. */
const SLOT_MS = 15 * MINUTE_MS;

function wallClock(timeZone: string, at: number): WallClock {
  const slot = Math.floor(at / SLOT_MS);
  const clock = clockOf(timeZone);
  if (clock.slot !== slot) Object.assign(clock, { slot, minuteOfWeek: minuteOfWeek(clock.format, slot * SLOT_MS) });
  const minute = clock.minuteOfWeek + Math.floor((at - slot * SLOT_MS) / MINUTE_MS);
  return { day: Math.floor(minute / DAY_MINUTES) % 7, minute: minute % DAY_MINUTES };
}

function minuteOfWeek(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const name = parts.get('weekday')?.toLowerCase();
  const day = WEEKDAYS.findIndex((each) => each === name);
  return day * DAY_MINUTES + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

interface Clock {
  readonly format: Intl.DateTimeFormat;
  /** What it showed last, and when: to ask it takes longer than all else here. */
  slot: number;
  minuteOfWeek: number;
}

const clocks = new Map<string, Clock>();

function clockOf(timeZone: string): Clock {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = { format: new Intl.DateTimeFormat('en-GB', options), slot: Number.NaN, minuteOfWeek: 0 };
  clocks.set(timeZone, clock);
  return clock;
}
