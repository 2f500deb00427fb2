import { describe, expect, it } from 'vitest';
import { type Hours, WEEKDAYS } from '../core/alert-settings.ts';
import type { QuietSummary } from '../core/maintenance.ts';
import { incident, member } from './fixtures/incident.ts';
import { createMemory } from './fixtures/memory.ts';
import { createQuiet } from './quiet.ts';
import { createQuietEnd } from './quiet-end.ts';

const NIGHT: Hours = { days: WEEKDAYS, fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'UTC' };
const EVENING = Date.parse('2026-11-23T23:00:00Z');
const MORNING = Date.parse('2026-11-24T07:00:00Z');

function stand() {
  let now = EVENING;
  let isSlackUp = true;
  const told: QuietSummary[] = [];
  const released: number[] = [];
  const known = new Map([incident('a', member('warning')), incident('b', member('info', 1))].map((each) => [each.id, each]));
  const quiet = createQuiet({ settings: { quiet: [NIGHT], maintenance: [] }, memory: createMemory(), clock: () => now });
  const end = createQuietEnd({
    quiet,
    incident: (id) => known.get(id),
    async report(summary) {
      if (!isSlackUp) throw new Error('Slack is down');
      told.push(summary);
    },
    released: () => void released.push(now),
    clock: () => now,
  });
  for (const each of known.values()) quiet.holdsBack(each);
  return {
    quiet,
    known,
    told,
    released,
    end,
    morning: () => (now = MORNING),
    slack: (isUp: boolean) => (isSlackUp = isUp),
  };
}

describe('the end of quiet hours', () => {
  it('is told once, with everything that was held back, and then its incidents are shown', async () => {
    const { end, known, morning, told, released } = stand();
    expect(await end()).toBe(false);
    morning();
    expect(await end()).toBe(true);
    expect(await end()).toBe(false);
    expect(told).toEqual([{ since: EVENING, until: MORNING, incidents: [...known.values()] }]);
    expect(released).toHaveLength(1);
  });

  it('is told later when Slack does not take it, and nothing is shown before', async () => {
    const { end, known, quiet, morning, slack, told, released } = stand();
    morning();
    slack(false);
    await expect(end()).rejects.toThrow('Slack is down');
    expect([...known.values()].filter(quiet.holdsBack)).toHaveLength(2);
    expect(released).toEqual([]);
    slack(true);
    await end();
    expect(told).toHaveLength(1);
    expect([...known.values()].filter(quiet.holdsBack)).toEqual([]);
  });

  it('tells nothing where nothing is left to tell of', async () => {
    const { end, known, quiet, morning, told } = stand();
    known.clear();
    morning();
    expect(await end()).toBe(true);
    expect(told).toEqual([]);
    expect(quiet.due()).toBeUndefined();
  });
});
