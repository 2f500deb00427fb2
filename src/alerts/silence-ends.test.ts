import { describe, expect, test } from 'vitest';
import type { ApiAlert, Silence } from '../commands/alertmanager.ts';
import type { Memory } from '../core/memory.ts';
import { createMemory } from './fixtures/memory.ts';
import { createSilenceEnds } from './silence-ends.ts';

const silence: Silence = {
  id: 's1',
  state: 'active',
  matchers: [
    { name: 'namespace', value: 'dbaas', isRegex: false, isEqual: true },
    { name: 'alertname', value: 'PVFillingUp|PVPredictedFull', isRegex: true, isEqual: true },
  ],
  startsAt: 0,
  endsAt: 86_400_000,
  createdBy: 'operator (storagebot-3f2a9c81d0-1)',
  comment: 'known (until none of it fires)',
};
const muted: ApiAlert = {
  source: 'alertmanager',
  fingerprint: '488ca9ccea9b4259',
  name: 'PVFillingUp',
  labels: { alertname: 'PVFillingUp', namespace: 'dbaas' },
  annotations: {},
  startsAt: 0,
  state: 'suppressed',
  silencedBy: ['s1'],
  inhibitedBy: [],
  receivers: [],
};

function keeper(memory: Memory = createMemory()) {
  const site = { alerts: [] as ApiAlert[], silences: [silence] as Silence[], now: 0, answers: true };
  const says: { doubt?: string; refuses?: string; isMute?: boolean } = {};
  const started: string[] = [];
  const told: string[] = [];
  const errors: string[] = [];
  const open = () =>
    createSilenceEnds({
      ask: async () => (site.answers ? { ...site, nowMs: site.now } : Promise.reject(new Error('Nothing answers.'))),
      doubt: async () => says.doubt,
      start: async (words, key) => {
        if (words[0] === says.refuses) throw new Error('no such words');
        started.push(`${key}: ${words.join(' ')}`);
      },
      tell: async ({ id }, word) => {
        if (says.isMute === true) throw new Error('Slack is down');
        told.push(`${id}: ${word}`);
      },
      memory,
      settleForMs: 120_000,
      clock: () => site.now,
      log: { error: (fields, message) => errors.push(`${String(fields['err'])} ${message}`) },
    });
  let ends = open();
  const after = async (seconds: number) => {
    site.now += seconds * 1_000;
    await ends.check();
  };
  return { site, says, started, told, errors, after, restart: () => void (ends = open()) };
}

test('a silence until resolved is asked to be ended, once, when none of its alerts has fired for 5 minutes', async () => {
  const { site, started, after } = keeper();
  site.alerts.push(muted);
  await after(0);
  await after(600);
  site.alerts.pop();
  await after(60);
  await after(299);
  expect(started).toEqual([]);
  await after(1);
  await after(600);
  expect(started).toEqual(['unsilence s1: PVFillingUp,PVPredictedFull namespace=dbaas']);
});

test('an alert that fires again begins the time anew', async () => {
  const { site, started, after } = keeper();
  await after(0);
  await after(250);
  site.alerts.push(muted);
  await after(60);
  site.alerts.pop();
  await after(60);
  await after(250);
  expect(started).toEqual([]);
});

test('nothing is concluded from silence while that proves nothing', async () => {
  const { says, started, after } = keeper();
  await after(0);
  says.doubt = 'Prometheus was restarted.';
  await after(200);
  await after(600);
  delete says.doubt;
  await after(60);
  await after(200);
  expect(started).toEqual([]);
  await after(100);
  expect(started).toHaveLength(1);
});

test('one that cannot be ended keeps no other from it, and is tried again', async () => {
  const { site, says, started, errors, after } = keeper();
  site.silences = [
    silence,
    {
      ...silence,
      id: 's2',
      createdBy: 'operator (storagebot-ffff000000-1)',
      matchers: [{ name: 'alertname', value: 'NodeDown', isRegex: false, isEqual: true }],
    },
  ];
  says.refuses = 'PVFillingUp,PVPredictedFull';
  await after(0);
  await after(300);
  expect(started).toEqual(['unsilence s2: NodeDown']);
  expect(errors).toEqual([expect.stringContaining('no such words')]);
  delete says.refuses;
  await after(60);
  expect(started).toHaveLength(2);
});

test('those that one run made are ended by one, once none of them mutes anything', async () => {
  const { site, started, told, after } = keeper();
  const ofNode = { ...silence, id: 's2', matchers: [{ name: 'alertname', value: 'NodeDown', isRegex: false, isEqual: true }] };
  site.silences = [silence, ofNode];
  site.alerts.push({ ...muted, silencedBy: ['s2'] });
  await after(0);
  await after(600);
  expect(started).toEqual([]);
  await after(23 * 3_600 - 600);
  const still =
    /^s1: .* One alert of it still fires, .* PVFillingUp,PVPredictedFull namespace=dbaas and NodeDown until resolved$/;
  expect(told).toEqual([expect.stringMatching(still)]);
  site.alerts.pop();
  await after(0);
  await after(300);
  expect(started).toEqual(['unsilence s1: PVFillingUp,PVPredictedFull namespace=dbaas and NodeDown']);
});

describe('a silence that no words can end', () => {
  const odd = { ...silence, matchers: [{ name: 'alertname', value: 'PV.*', isRegex: true, isEqual: true }] };

  test('is told once, also after a restart', async () => {
    const { site, started, told, restart, after } = keeper();
    site.silences = [odd];
    await after(0);
    await after(300);
    await after(60);
    restart();
    await after(60);
    await after(300);
    expect(told).toEqual([expect.stringMatching(/^s1: None of what the silence of operator .* end it in Alertmanager/)]);
    expect(started).toEqual([]);
  });

  test('is told again where that was not heard', async () => {
    const { site, says, told, errors, after } = keeper();
    site.silences = [odd];
    says.isMute = true;
    await after(0);
    await after(300);
    expect([told, errors]).toEqual([[], [expect.stringContaining('Slack is down')]]);
    delete says.isMute;
    await after(60);
    expect(told).toHaveLength(1);
  });
});

describe('a silence that ends before its alerts do', () => {
  const HOURS = 3_600;

  test('is told an hour before, once, with what to do', async () => {
    const { site, told, restart, after } = keeper();
    site.alerts.push(muted);
    await after(23 * HOURS - 60);
    expect(told).toEqual([]);
    await after(60);
    await after(60);
    restart();
    await after(60);
    expect(told).toEqual([
      's1: The silence of operator (storagebot-3f2a9c81d0-1) ends at 1970-01-02 00:00 UTC, as each does after a day at the latest. One alert of it still fires, and will be told again from then on. To go on: /storage silence PVFillingUp,PVPredictedFull namespace=dbaas until resolved',
    ]);
  });

  test('is not told where another goes on, nor where nothing fires', async () => {
    const { site, told, after } = keeper();
    await after(23 * HOURS);
    site.silences.push({ ...silence, id: 's2', comment: 'longer', endsAt: silence.endsAt + 1 });
    site.alerts.push({ ...muted, silencedBy: ['s1', 's2'] });
    await after(60);
    expect(told).toEqual([]);
  });

  test('is forgotten with its silence', async () => {
    const memory = createMemory();
    const { site, after } = keeper(memory);
    site.alerts.push(muted);
    await after(23 * HOURS);
    expect(memory.recall('silences-told')).toEqual(['s1 end']);
    site.silences.pop();
    await after(60);
    expect(memory.recall('silences-told')).toEqual([]);
  });
});

test.each([
  ['for a time', { comment: 'known' }],
  ['that somebody made in Alertmanager', { createdBy: 'admin' }],
  ['that has not begun', { state: 'pending' }],
] as const)('a silence %s is left alone', async (_which, change) => {
  const { site, started, after } = keeper();
  site.silences = [{ ...silence, ...change }];
  await after(0);
  await after(600);
  expect(started).toEqual([]);
});

test('an Alertmanager that does not answer is asked again, and nothing is concluded from the time between', async () => {
  const { site, started, errors, after } = keeper();
  await after(0);
  site.answers = false;
  await after(60);
  expect(errors).toHaveLength(1);
  site.answers = true;
  await after(600);
  expect(started).toEqual([]);
  await after(300);
  expect(started).toHaveLength(1);
});
