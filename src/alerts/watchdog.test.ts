import { describe, expect, it } from 'vitest';
import type { Memory } from '../core/memory.ts';
import { createMemory } from './fixtures/memory.ts';
import { MINUTE, settings, stand, start } from './fixtures/watchdog.ts';
import { ALERTMANAGER_UNREACHABLE, createWatchdog, WATCHDOG_SILENT } from './watchdog.ts';

describe('a watchdog that always fires', () => {
  it('is no alarm while it comes as often as it should', async () => {
    const { hear, pass, told } = stand();
    for (let time = 0; time < 6; time += 1) {
      hear();
      await pass(5);
    }
    expect(told).toEqual([]);
  });

  it('is an alarm when it did not come for three times its interval, and tells once when it began', async () => {
    const { hear, pass, told } = stand();
    hear();
    await pass(15);
    expect(told).toEqual([]);
    await pass(20);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ name: WATCHDOG_SILENT, labels: { severity: 'critical' }, startsAt: start + 16 * MINUTE });
    expect(told[0]).not.toHaveProperty('endsAt');
  });

  it('ends the alarm, under the same identity, when it comes again', async () => {
    const { hear, pass, told } = stand();
    await pass(16);
    hear();
    await pass(1);
    const [began, ended] = told;
    expect(told).toHaveLength(2);
    expect(ended).toEqual({ ...began, endsAt: start + 17 * MINUTE });
  });

  it('is not heard by other alerts, by its own end, nor by an alert of Grafana that has its name', async () => {
    const { hear, pass, told } = stand();
    await pass(10);
    hear({ name: 'PVFillingUp' });
    hear({ endsAt: start });
    hear({ source: 'grafana' });
    await pass(6);
    expect(told).toHaveLength(1);
  });

  it('says where to look: behind Alertmanager, or before it', async () => {
    const { answers, hear, pass, last } = stand();
    await pass(16);
    expect(last()?.annotations['summary']).toBe(
      'The alert Watchdog always fires and was never heard, so other alerts may be missing too. Alertmanager has it, so what is wrong is its route to the bot or the way between them.',
    );
    hear();
    answers({ names: ['PVFillingUp'] });
    await pass(16);
    expect(last()?.annotations['summary']).toContain('was last heard 16 minutes ago');
    expect(last()?.annotations['summary']).toContain('Prometheus or the way from it to Alertmanager');
  });

  it('is missed only while the bot could hear it', async () => {
    const { hear, restart, sleep, pass, told } = stand();
    hear();
    await pass(1);
    sleep(60);
    restart();
    await pass(8);
    sleep(30);
    await pass(8);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toHaveLength(1);
  });

  it('is an alarm also for a bot that is started again and again', async () => {
    const { hear, restart, pass, told } = stand();
    hear();
    for (let start = 0; start < 4; start += 1) {
      await pass(4);
      restart();
    }
    expect(told).toMatchObject([{ name: WATCHDOG_SILENT }]);
  });

  it('is not heard now by what was kept for long before it is taken in', async () => {
    const { hear, pass, told, last } = stand();
    await pass(14);
    hear({}, 14);
    await pass(2);
    expect(told).toHaveLength(1);
    expect(last()?.annotations['summary']).toContain('was last heard 16 minutes ago');
  });

  it('goes on with its alarm after a restart: told again as it was, and ended only when it is heard', async () => {
    const { hear, restart, pass, told } = stand();
    hear();
    await pass(16);
    const [began] = told;
    restart();
    await pass(3);
    expect(told).toEqual([began, began]);
    hear();
    await pass(1);
    expect(told.at(-1)).toEqual({ ...began, endsAt: start + 20 * MINUTE });
  });

  it('is not waited for where none is configured', async () => {
    const { pass, told } = stand({ isExpected: false });
    await pass(120);
    expect(told).toEqual([]);
  });

  it('is an alarm also where Alertmanager may not be asked', async () => {
    const { pass, last } = stand({ mayAsk: false });
    await pass(16);
    expect(last()?.annotations['summary']).toContain('Look at Prometheus, Alertmanager and its route to the bot.');
  });
});

describe('an Alertmanager that does not answer', () => {
  it('is an alarm at the third time, with why, and over with its first answer', async () => {
    const { answers, pass, told } = stand({ isExpected: false });
    answers({ why: 'connection refused' });
    await pass(2);
    expect(told).toEqual([]);
    await pass(3);
    answers({ names: [] });
    await pass(1);
    expect(told.map(({ name, startsAt, endsAt }) => [name, startsAt, endsAt])).toEqual([
      [ALERTMANAGER_UNREACHABLE, start + 3 * MINUTE, undefined],
      [ALERTMANAGER_UNREACHABLE, start + 3 * MINUTE, start + 6 * MINUTE],
    ]);
    expect(told[0]?.annotations['summary']).toContain('connection refused');
  });

  it('is no alarm when it fails now and then', async () => {
    const { answers, pass, told } = stand({ isExpected: false });
    for (let time = 0; time < 5; time += 1) {
      answers({ why: 'connection refused' });
      await pass(2);
      answers({ names: [] });
      await pass(1);
    }
    expect(told).toEqual([]);
  });

  it('is an alarm also for a bot that is started again in between', async () => {
    const { answers, restart, pass, told } = stand({ isExpected: false });
    answers({ why: 'connection refused' });
    await pass(2);
    restart();
    await pass(1);
    expect(told).toMatchObject([{ name: ALERTMANAGER_UNREACHABLE }]);
  });

  it('keeps its alarm over a restart until it answers', async () => {
    const { answers, restart, pass, told } = stand({ isExpected: false });
    answers({ why: 'connection refused' });
    await pass(3);
    restart();
    await pass(2);
    expect(told.every(({ endsAt }) => endsAt === undefined)).toBe(true);
    answers({ names: [] });
    await pass(1);
    expect(told.at(-1)).toHaveProperty('endsAt');
  });
});

describe('a check', () => {
  it('writes an alarm down before it is told', async () => {
    const memory = createMemory();
    const seen: unknown[] = [];
    let now = start;
    const tell = async () => void seen.push(memory.recall('watchdog'));
    const watchdog = createWatchdog({ settings, memory, tell, clock: () => now, log: { error: () => undefined } });
    for (let minute = 0; minute < 16; minute += 1) {
      now += MINUTE;
      await watchdog.check();
    }
    expect(seen).toMatchObject([{ silent: { startsAt: now } }]);
  });

  it('tells again what could not be taken in, as it was, and tells its operator that it could not', async () => {
    const { fill, pass, logged, told } = stand();
    fill(true);
    await pass(20);
    expect(logged).toHaveLength(5);
    expect(logged[0]).toContain('the store is full');
    fill(false);
    await pass(2);
    expect(told.map(({ startsAt }) => startsAt)).toEqual([start + 16 * MINUTE]);
  });

  it('that goes wrong is told to the operator, and the next one goes on', async () => {
    let isFull = true;
    const kept = createMemory();
    const memory: Memory = {
      recall: kept.recall,
      remember(name, value) {
        if (isFull) throw new Error('disk full');
        kept.remember(name, value);
      },
    };
    const { logged, pass, told } = stand({ memory });
    await pass(16);
    expect(logged).toEqual(Array.from({ length: 16 }, () => 'disk full'));
    isFull = false;
    await pass(1);
    expect(told).toHaveLength(1);
  });
});
