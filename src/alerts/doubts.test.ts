import { expect, test } from 'vitest';
import { createDoubt, type Running } from './doubts.ts';

const START = Date.UTC(2026, 3, 3, 17, 0);

function asked(running: Running) {
  const site = { running, questions: 0, now: START };
  const doubt = createDoubt({
    ask: async () => ((site.questions += 1), site.running),
    clock: () => site.now,
    rulesWaitS: 900,
  });
  return { site, doubt };
}

test('silence of alerts proves nothing before Prometheus has run for a quarter of an hour', async () => {
  const { site, doubt } = asked({ upS: 240 });
  expect(await doubt()).toBe(
    'Prometheus was restarted, and many of its rules fire nothing in the first 15 minutes: until 17:11 UTC silence of alerts proves nothing.',
  );
  site.now += 660_000;
  site.running = { upS: 900 };
  expect(await doubt()).toBeUndefined();
});

test('silence of alerts proves nothing while Prometheus does not answer', async () => {
  const { doubt } = asked({ why: 'Nothing answers.' });
  expect(await doubt()).toBe('Prometheus could not be asked, so that silence of alerts proves nothing: Nothing answers.');
});

test('many who ask are answered with one question in half a minute', async () => {
  const { site, doubt } = asked({ upS: 86_400 });
  await Promise.all([doubt(), doubt(), doubt()]);
  site.now += 29_999;
  await doubt();
  expect(site.questions).toBe(1);
  site.now += 1;
  await doubt();
  expect(site.questions).toBe(2);
});

test('a clock that is put back makes no old answer new', async () => {
  const { site, doubt } = asked({ upS: 86_400 });
  await doubt();
  site.now -= 3_600_000;
  site.running = { why: 'Nothing answers.' };
  expect(await doubt()).toContain('Nothing answers.');
});
