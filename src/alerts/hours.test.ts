import { describe, expect, it, vi } from 'vitest';
import { type Hours, WEEKDAYS } from '../core/alert-settings.ts';
import { freeAfter, hoursAt, neverEnd } from './hours.ts';

const at = (text: string) => Date.parse(text);

function sofia(fromMinute: number, toMinute: number, days: Hours['days'] = WEEKDAYS): Hours {
  return { days, fromMinute, toMinute, timeZone: 'Europe/Sofia' };
}

const NIGHT = sofia(22 * 60, 7 * 60);
const SATURDAY = sofia(60, 0, ['sat']);
const SUNDAY_NIGHT = sofia(22 * 60, 7 * 60, ['sun']);

const moments: readonly (readonly [what: string, hours: Hours, moment: string, holds: boolean])[] = [
  ['a night in its first minute', NIGHT, '2026-11-23T20:00:00Z', true],
  ['a night one second before it', NIGHT, '2026-11-23T19:59:59Z', false],
  ['a night after midnight', NIGHT, '2026-11-23T23:30:00Z', true],
  ['a night in its last second', NIGHT, '2026-11-24T04:59:59Z', true],
  ['a night when it is over', NIGHT, '2026-11-24T05:00:00Z', false],
  ['a night in summer, when the clocks there are three hours ahead', NIGHT, '2026-07-01T19:00:00Z', true],
  ['a Saturday', SATURDAY, '2026-11-28T12:00:00Z', true],
  ['a Saturday by the clocks there, which is a Friday here', SATURDAY, '2026-11-27T23:30:00Z', true],
  ['a Saturday, on the Sunday', SATURDAY, '2026-11-29T12:00:00Z', false],
  ['the night of a Sunday, on the Monday morning', SUNDAY_NIGHT, '2026-11-23T03:00:00Z', true],
  ['the night of a Sunday, on the Monday evening', SUNDAY_NIGHT, '2026-11-23T21:00:00Z', false],
  ['two hours of an afternoon', sofia(840, 960), '2026-11-23T13:00:00Z', true],
  ['two hours of an afternoon, at their end', sofia(840, 960), '2026-11-23T14:00:00Z', false],
];

describe('hours by a clock on the wall', () => {
  it.each(moments)('know %s', (_what, hours, moment, holds) => {
    expect(hoursAt([hours], at(moment)) !== undefined).toBe(holds);
  });

  it('tell which of them hold', () => {
    expect(hoursAt([sofia(0, 60), NIGHT], at('2026-11-23T20:10:00Z'))).toBe(NIGHT);
  });

  it('tell when they end, and go on over others that follow at once', () => {
    expect(freeAfter([NIGHT], at('2026-11-23T21:15:30Z'))).toBe(at('2026-11-24T05:00:00Z'));
    const weekend = [NIGHT, sofia(6 * 60, 23 * 60, ['sat', 'sun'])];
    expect(freeAfter(weekend, at('2026-11-27T21:00:00Z'))).toBe(at('2026-11-30T05:00:00Z'));
  });

  it('end by the clock on the wall, also in nights in which it is put forward or back', () => {
    expect(freeAfter([NIGHT], at('2026-03-28T21:00:00Z'))).toBe(at('2026-03-29T04:00:00Z'));
    expect(freeAfter([NIGHT], at('2026-10-24T21:00:00Z'))).toBe(at('2026-10-25T05:00:00Z'));
  });

  it('end although their end is a time that the clock leaves out when it is put forward', () => {
    expect(freeAfter([sofia(60, 210)], at('2026-03-29T00:30:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
  });

  it('have no end where they hold each minute', () => {
    expect(freeAfter([sofia(0, 720), sofia(720, 0)], at('2026-11-23T12:00:00Z'))).toBeUndefined();
  });

  it('are known at a time zone that is not full hours away', () => {
    const kathmandu = { ...NIGHT, timeZone: 'Asia/Kathmandu' };
    expect(freeAfter([kathmandu], at('2026-11-23T21:00:00Z'))).toBe(at('2026-11-24T01:15:00Z'));
  });

  it('ask a clock seldom, however long they are', () => {
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    expect(freeAfter([sofia(0, 720), sofia(720, 1_439)], at('2026-11-23T00:00:00Z'))).toBe(at('2026-11-23T21:59:00Z'));
    expect(asked.mock.calls.length).toBeLessThan(100);
    asked.mockRestore();
  });

  it('never end where they cover the week, also where only together with those of another time zone', () => {
    const london = (fromMinute: number, toMinute: number): Hours => ({
      ...sofia(fromMinute, toMinute),
      timeZone: 'Europe/London',
    });
    expect(neverEnd([sofia(0, 720), sofia(720, 0)])).toBe(true);
    expect(neverEnd([sofia(0, 720), london(600, 1_320)])).toBe(true);
    expect(neverEnd([sofia(0, 720), sofia(720, 1_439)])).toBe(false);
    expect(neverEnd([NIGHT, SATURDAY])).toBe(false);
  });
});
