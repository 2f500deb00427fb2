import { describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../core/alert-settings.ts';
import { type AnnouncingOptions, createAnnouncing } from './announcing.ts';
import { createMemory } from './fixtures/memory.ts';
import { createQuiet } from './quiet.ts';

const alice = { id: 'U0ALICE', name: 'alice' };
const start = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

function stand(over: Partial<AnnouncingOptions> = {}) {
  const noted: unknown[] = [];
  const changes: string[] = [];
  const taken = new Set<string>();
  const clock = () => start;
  const quiet = createQuiet({ settings: { quiet: [], maintenance: [] }, memory: createMemory(), clock });
  const announcing = createAnnouncing({
    quiet,
    clock,
    whyNot: async () => undefined,
    claim: (key) => !taken.has(key) && taken.add(key).has(key),
    note: (event) => void noted.push(event),
    clean: (text) => text.replaceAll('hunter2', '***'),
    changed: () => void changes.push('changed'),
    ...over,
  });
  return { quiet, noted, changes, ...announcing };
}

describe('maintenance that somebody announces', () => {
  it('holds, is told to everybody and is in the audit trail, without secrets', async () => {
    const { begin, quiet, noted, changes } = stand();
    const answer = await begin({ actor: alice, reason: ' new disks, hunter2 ', forMs: 2 * HOUR, key: 'a' });
    expect(answer.accepted).toBe(true);
    expect(answer.says).toContain('announced by alice, until 2026-11-23 14:00 UTC: new disks, ***');
    const said = { reason: 'new disks, ***', until: start + 2 * HOUR };
    expect(quiet.maintenance()).toEqual({ by: alice, ...said });
    expect(noted).toEqual([{ kind: 'maintenance-announced', actor: alice, ...said }]);
    expect(changes).toHaveLength(1);
  });

  it('is ended by a word too', async () => {
    const { begin, end, quiet, noted, changes } = stand();
    await begin({ actor: alice, reason: 'new disks', forMs: HOUR, key: 'a' });
    expect(await end({ actor: alice, reason: 'they are in', key: 'b' })).toEqual({
      accepted: true,
      says: 'alice ended the maintenance. Repairs are offered again: where one was withdrawn for it, the incident is diagnosed anew.',
    });
    expect(quiet.maintenance()).toBeUndefined();
    expect(noted.at(-1)).toEqual({ kind: 'maintenance-ended', actor: alice, reason: 'they are in' });
    expect(changes).toHaveLength(2);
  });

  it('cannot be ended where there is none', async () => {
    const { end, changes } = stand();
    expect((await end({ actor: alice, reason: 'over', key: 'a' })).says).toBe('There is no maintenance now.');
    expect(changes).toEqual([]);
  });

  it('does not begin again when Slack delivers the word twice, nor for longer than a week, nor for whom it is not', async () => {
    const { begin, end, quiet, noted } = stand();
    await begin({ actor: alice, reason: 'new disks', forMs: HOUR, key: 'a' });
    await end({ actor: alice, reason: 'they are in', key: 'b' });
    expect((await begin({ actor: alice, reason: 'new disks', forMs: HOUR, key: 'a' })).accepted).toBe(false);
    expect((await begin({ actor: alice, reason: 'new disks', forMs: 8 * 24 * HOUR, key: 'c' })).says).toContain('at most 7d');
    expect(quiet.maintenance()).toBeUndefined();
    expect(noted.filter((event) => JSON.stringify(event).includes('word-refused'))).toHaveLength(2);
    const stranger = stand({ whyNot: async () => 'You may not.' });
    expect(await stranger.begin({ actor: alice, reason: 'x', forMs: HOUR, key: 'a' })).toEqual({
      accepted: false,
      says: 'You may not.',
    });
    expect(stranger.quiet.maintenance()).toBeUndefined();
  });

  it('does not count where it cannot be written down, and the answer says so', async () => {
    const note = () => {
      throw new Error('disk full');
    };
    const { begin, end, quiet, changes } = stand({ note });
    const refused = { accepted: false, says: 'That could not be checked and written down, so it does not count: disk full' };
    expect(await begin({ actor: alice, reason: 'new disks', forMs: HOUR, key: 'a' })).toEqual(refused);
    expect(quiet.maintenance()).toBeUndefined();
    quiet.announce({ by: alice, reason: 'new disks', until: start + HOUR });
    expect(await end({ actor: alice, reason: 'they are in', key: 'b' })).toEqual(refused);
    expect(quiet.maintenance()).toMatchObject({ reason: 'new disks' });
    expect(changes).toEqual([]);
  });

  it('is told as it is now where a word comes twice: whoever died after the first may not have done it', async () => {
    const { begin } = stand({ claim: () => false });
    expect(await begin({ actor: alice, reason: 'new disks', forMs: HOUR, key: 'a' })).toMatchObject({
      accepted: false,
      says: expect.stringContaining('counts once at most. There is no maintenance now.'),
    });
  });

  it('of the configuration is ended by nobody', async () => {
    const hours = { days: WEEKDAYS, fromMinute: 0, toMinute: 1_439, timeZone: 'UTC', reason: 'nodes are updated' };
    const quiet = createQuiet({ settings: { quiet: [], maintenance: [hours] }, memory: createMemory(), clock: () => start });
    const { end, noted } = stand({ quiet });
    expect((await end({ actor: alice, reason: 'over', key: 'a' })).says).toContain('is of the configuration');
    expect(noted).toMatchObject([{ kind: 'word-refused' }]);
  });
});
