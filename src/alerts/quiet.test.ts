import { describe, expect, it, vi } from 'vitest';
import { type Hours, WEEKDAYS } from '../core/alert-settings.ts';
import { incident, member } from './fixtures/incident.ts';
import { createMemory } from './fixtures/memory.ts';
import { createQuiet, maintenanceWords } from './quiet.ts';

const NIGHT: Hours = { days: WEEKDAYS, fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'UTC' };
const UPDATES = { days: WEEKDAYS, fromMinute: 180, toMinute: 300, timeZone: 'UTC', reason: 'nodes are updated' };
const alice = { id: 'U0ALICE', name: 'alice' };

function stand(at: string) {
  const memory = createMemory();
  let now = Date.parse(at);
  const open = () => createQuiet({ settings: { quiet: [NIGHT], maintenance: [UPDATES] }, memory, clock: () => now });
  return {
    quiet: open(),
    /** As a bot does that was started anew. */
    reopen: open,
    moveTo: (moment: string) => (now = Date.parse(moment)),
  };
}

describe('quiet hours', () => {
  it('hold back what is below critical, and tell all of it once at their end', () => {
    const { quiet, moveTo } = stand('2026-11-23T23:00:00Z');
    expect(quiet.holdsBack(incident('a', member('warning')))).toBe(true);
    moveTo('2026-11-24T03:00:00Z');
    expect(quiet.holdsBack(incident('b', member('info')))).toBe(true);
    expect(quiet.due()).toBeUndefined();
    moveTo('2026-11-24T07:00:00Z');
    const held = quiet.due();
    expect(held).toEqual({ since: Date.parse('2026-11-23T23:00:00Z'), incidents: ['a', 'b'] });
    expect(quiet.holdsBack(incident('a', member('warning')))).toBe(true);
    if (held !== undefined) quiet.told(held);
    expect(quiet.due()).toBeUndefined();
    expect(quiet.holdsBack(incident('a', member('warning')))).toBe(false);
  });

  it('hold nothing back that is critical, from the first critical member on, also when it is over already', () => {
    const { quiet } = stand('2026-11-23T23:00:00Z');
    expect(quiet.holdsBack(incident('a', member('critical')))).toBe(false);
    expect(quiet.holdsBack(incident('b', member('warning')))).toBe(true);
    expect(quiet.holdsBack(incident('b', member('warning'), member('critical', 1)))).toBe(false);
  });

  it('hold back nothing by day', () => {
    const { quiet } = stand('2026-11-23T12:00:00Z');
    expect(quiet.holdsBack(incident('a', member('warning')))).toBe(false);
    expect(quiet.due()).toBeUndefined();
  });

  it('are remembered by a bot that is started anew, also when it starts after their end', () => {
    const { quiet, reopen, moveTo } = stand('2026-11-23T23:00:00Z');
    quiet.holdsBack(incident('a', member('warning')));
    expect(reopen().holdsBack(incident('a', member('warning')))).toBe(true);
    moveTo('2026-11-24T09:00:00Z');
    expect(reopen().due()?.incidents).toEqual(['a']);
  });

  it('lose nothing that could not be told before the next ones', () => {
    const { quiet, moveTo } = stand('2026-11-23T23:00:00Z');
    quiet.holdsBack(incident('a', member('warning')));
    moveTo('2026-11-24T08:00:00Z');
    const seen = quiet.due();
    moveTo('2026-11-24T22:30:00Z');
    quiet.holdsBack(incident('b', member('warning')));
    expect(quiet.due()).toBeUndefined();
    if (seen !== undefined) quiet.told(seen);
    moveTo('2026-11-25T07:00:00Z');
    expect(quiet.due()?.incidents).toEqual(['b']);
  });
});

describe('maintenance', () => {
  it('is what somebody announced, until its end, also for a bot that is started anew', () => {
    const { quiet, reopen, moveTo } = stand('2026-11-23T12:00:00Z');
    const announced = { by: alice, reason: 'new disks', until: Date.parse('2026-11-23T14:00:00Z') };
    quiet.announce(announced);
    expect(reopen().maintenance()).toEqual(announced);
    moveTo('2026-11-23T14:00:00Z');
    expect(quiet.maintenance()).toBeUndefined();
    expect(quiet.endAnnounced()).toBe(false);
  });

  it('is what the configuration names, with its end', () => {
    const { quiet, moveTo } = stand('2026-11-23T03:10:00Z');
    expect(quiet.maintenance()).toEqual({ reason: 'nodes are updated', until: Date.parse('2026-11-23T05:00:00Z') });
    moveTo('2026-11-23T05:00:00Z');
    expect(quiet.maintenance()).toBeUndefined();
  });

  it('of the configuration is not reckoned anew each time that it is asked for', () => {
    const { quiet, moveTo } = stand('2026-11-23T03:00:00Z');
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    for (let minute = 0; minute < 60; minute += 1) {
      moveTo(`2026-11-23T03:${String(minute).padStart(2, '0')}:00Z`);
      expect(quiet.maintenance()?.until).toBe(Date.parse('2026-11-23T05:00:00Z'));
    }
    expect(asked.mock.calls.length).toBeLessThan(20);
    asked.mockRestore();
    moveTo('2026-11-24T04:00:00Z');
    expect(quiet.maintenance()?.until).toBe(Date.parse('2026-11-24T05:00:00Z'));
  });

  it('ends earlier where somebody says so, but not that of the configuration', () => {
    const { quiet } = stand('2026-11-23T03:10:00Z');
    quiet.announce({ by: alice, reason: 'new disks', until: Date.parse('2026-11-23T14:00:00Z') });
    expect(quiet.endAnnounced()).toBe(true);
    expect(quiet.maintenance()?.reason).toBe('nodes are updated');
    expect(quiet.endAnnounced()).toBe(false);
  });

  it('is told with who, until when and why', () => {
    const until = Date.parse('2026-11-23T14:00:00Z');
    expect(maintenanceWords({ by: alice, reason: 'new disks', until })).toBe(
      'Maintenance, announced by alice, until 2026-11-23 14:00 UTC: new disks. Everything is looked at, and no repair is offered.',
    );
  });
});
