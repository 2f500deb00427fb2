import { beforeEach, describe, expect, test } from 'vitest';
import { alert, episode, MINUTE_MS, SECOND_MS, START, stage } from './fixtures/reconciling.ts';

let { site, shown, reconciling, minutes, began } = stage();
beforeEach(() => {
  ({ site, shown, reconciling, minutes, began } = stage());
});

describe('an alert that Alertmanager has and nobody told', () => {
  test('is taken in after two minutes, so that one of which a notification was lost is not', async () => {
    site.there = () => [shown('a'), shown('b'), shown('c')];
    const it = reconciling();
    await minutes(it, 2);
    expect(began()).toEqual([]);
    await minutes(it, 1);
    expect(began()).toEqual([alert('c')]);
  });

  test('is none of the bot where only others are told of it', async () => {
    site.there = () => [
      shown('a'),
      shown('b'),
      shown('c', { receivers: ['null'] }),
      shown('d', { receivers: ['null'], silencedBy: ['s'] }),
    ];
    await minutes(reconciling(), 20);
    expect(site.taken).toEqual([]);
  });

  test('is taken in at once where it is held back, with why and by what', async () => {
    site.open = [];
    site.there = () => [
      shown('a', { name: 'NodeDown' }),
      shown('b', { state: 'suppressed', inhibitedBy: ['a'] }),
      shown('c', { state: 'suppressed', inhibitedBy: ['a'], silencedBy: ['s2', 's1'] }),
    ];
    await reconciling().check();
    expect(began()).toEqual([
      { ...alert('b'), muted: { by: 'inhibition', ids: ['a'], names: ['NodeDown'] } },
      { ...alert('c'), muted: { by: 'silence', ids: ['s1', 's2'] } },
    ]);
  });
});

describe('an alert that is open', () => {
  const key = { source: 'alertmanager', fingerprint: 'b', startsAt: START - 1 };
  const muted = { by: 'silence', ids: ['s'] } as const;

  test('and that Alertmanager holds back from now on is marked, once', async () => {
    site.there = () => [shown('a'), shown('b', { state: 'suppressed', silencedBy: ['s'] })];
    const it = reconciling();
    await it.check();
    expect(site.taken).toMatchObject([{ alerts: [], muted: [{ ...key, muted }] }]);
    site.open = [episode('a'), episode('b', { muted })];
    await minutes(it, 5);
    expect(site.taken).toHaveLength(1);
  });

  test('and that is inhibited by one of several of a name is marked once, whichever of them Alertmanager names', async () => {
    site.open = [episode('b', { muted: { by: 'inhibition', ids: ['n1'], names: ['NodeDown'] } })];
    const nodes = ['n1', 'n2'].map((node) => shown(node, { name: 'NodeDown', receivers: [] }));
    const inhibited = (by: string) => shown('b', { state: 'suppressed', inhibitedBy: [by] });
    site.there = () => [...nodes, inhibited('n2')];
    await reconciling().check();
    expect(site.taken).toEqual([]);
    site.there = () => [...nodes, shown('p', { name: 'PowerOutage', receivers: [] }), inhibited('p')];
    await reconciling().check();
    expect(site.taken[0]?.muted).toEqual([{ ...key, muted: { by: 'inhibition', ids: ['p'], names: ['PowerOutage'] } }]);
  });

  test('and that it tells of again is not marked any more', async () => {
    site.open = [episode('a'), episode('b', { muted })];
    await reconciling().check();
    expect(site.taken[0]?.muted).toEqual([key]);
  });

  test('and that it has not processed yet stays as it is', async () => {
    site.open = [episode('a'), episode('b', { muted })];
    site.there = () => [shown('a'), shown('b', { state: 'unprocessed' })];
    await reconciling().check();
    expect(site.taken).toEqual([]);
  });
});

test('what is told meanwhile is later than an answer of a while ago', async () => {
  site.ageMs = 20 * SECOND_MS;
  site.there = () => [shown('a'), shown('b'), shown('c')];
  await minutes(reconciling(), 4);
  expect(site.taken.find(({ alerts }) => alerts.length > 0)?.at).toBe(START + 2 * MINUTE_MS - site.ageMs);
});

test('what takes long to look at is not looked at soon after', async () => {
  let looks = 0;
  site.there = () => {
    looks += 1;
    site.now += 2 * SECOND_MS;
    return [];
  };
  site.open = [];
  const it = reconciling();
  for (const end = site.now + 4 * MINUTE_MS; site.now < end; site.now += 5 * SECOND_MS) {
    it.soon();
    await it.check();
  }
  expect(looks).toBe(4);
});

test('thousands are taken in a few at a time, so that others are heard in between', async () => {
  site.open = [];
  site.there = () => Array.from({ length: 1_000 }, (_, index) => shown(`${index}`, { state: 'suppressed', silencedBy: ['s'] }));
  await reconciling().check();
  expect(site.taken.map(({ alerts }) => alerts.length)).toEqual([200, 200, 200, 200, 200]);
});
