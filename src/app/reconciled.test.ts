import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ApiAlert } from '../commands/alertmanager.ts';
import { AlertSettings } from '../config/alert-schema.ts';
import { createLog } from '../log.ts';
import { answerTo, openReconciled, type ReconciledParts } from './reconciled.ts';

const SECOND_MS = 1_000;

function shown(name: string, receivers: readonly string[]): ApiAlert {
  return {
    source: 'alertmanager',
    fingerprint: name,
    name,
    labels: { alertname: name },
    annotations: {},
    startsAt: 0,
    state: 'active',
    silencedBy: [],
    inhibitedBy: [],
    receivers,
  };
}

const ALL = [shown('MySQLDown', ['slack-critical']), shown('InfoInhibitor', ['null']), shown('RedisDown', ['slack-warning'])];
const looks = { now: async () => ALL };

function receivers(...own: readonly string[]) {
  return { heard: () => undefined, isOwn: (name: string) => own.includes(name), areKnown: () => own.length > 0 };
}

describe('what is asked of Alertmanager', () => {
  const namesFor = async (receiver: string, names: readonly string[], own: readonly string[]) =>
    (await answerTo({ receiver, names }, looks, receivers(...own))).alerts.map(({ name }) => name);

  test('for any receiver is what it tells to those of which the bot hears, and what is asked for by name', async () => {
    expect(await namesFor('', [], ['slack-critical'])).toEqual(['MySQLDown']);
    expect(await namesFor('', ['RedisDown'], ['slack-critical'])).toEqual(['MySQLDown', 'RedisDown']);
  });

  test('for any receiver before the bot has heard of one is all that fires, so that none is lost', async () => {
    expect(await namesFor('', [], [])).toEqual(['MySQLDown', 'InfoInhibitor', 'RedisDown']);
  });

  test('for one receiver is what it tells to that one', async () => {
    expect(await namesFor('slack-warning', [], ['slack-critical'])).toEqual(['RedisDown']);
  });
});

describe('a comparison with Alertmanager', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const written = { channel: 'C0EXAMPLE01', listen: {}, token: 'env:TOKEN' };
  const parts = (asked: string[], changedRuns: ((run: string) => void)[]): ReconciledParts => ({
    settings: AlertSettings.parse({ ...written, alertmanager: { url: 'http://127.0.0.1:9093' } }),
    store: {
      openEpisodes: () => [],
      applyLook: () => [],
      subscribe: (listener) => void changedRuns.push(listener),
      run: (runbook) => (runbook === 'none' ? undefined : { runbook }),
    },
    looks: {
      async look(anew) {
        asked.push(anew ? 'now' : 'recent');
        return { at: Date.now(), alerts: [] };
      },
    },
    receivers: receivers(),
    doubt: async () => undefined,
    changed: () => undefined,
    tell: () => undefined,
    clock: Date.now,
    log: createLog({ secrets: () => [], level: 'silent' }),
  });

  test('is made each minute, and anew soon after a run that changed what is silenced', async () => {
    const [asked, changedRuns]: [string[], ((run: string) => void)[]] = [[], []];
    const reconciled = openReconciled(parts(asked, changedRuns));
    reconciled?.start();
    await vi.advanceTimersByTimeAsync(60 * SECOND_MS);
    expect(asked).toEqual(['now']);
    for (const run of ['diagnose-nfs', 'none']) changedRuns[0]?.(run);
    await vi.advanceTimersByTimeAsync(60 * SECOND_MS);
    expect(asked).toEqual(['now', 'recent']);
    changedRuns[0]?.('silence');
    await vi.advanceTimersByTimeAsync(15 * SECOND_MS);
    expect(asked).toEqual(['now', 'recent', 'now']);
    await reconciled?.stop();
    await vi.advanceTimersByTimeAsync(300 * SECOND_MS);
    expect(asked).toHaveLength(3);
  });

  test('is not made where Alertmanager may not be asked', () => {
    expect(openReconciled({ ...parts([], []), settings: AlertSettings.parse(written) })).toBeUndefined();
  });
});
