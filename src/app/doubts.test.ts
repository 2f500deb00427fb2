import { expect, test } from 'vitest';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labTargets, worldOf } from '../../test/lab/site/index.ts';
import { openDoubt } from './doubts.ts';

function site(hasPrometheus = true, watchdog?: string) {
  const world = worldOf({ scenario: scenarioNamed('all-well'), hangScale: 0.001 });
  const doubt = () => openDoubt({ hasPrometheus, targets: labTargets(world), watchdog: () => watchdog, clock: Date.now })();
  return { world, doubt };
}

test('silence is believed of a Prometheus that has been running for long', async () => {
  expect(await site().doubt()).toBeUndefined();
});

test('silence is not believed of a Prometheus that was restarted, that is down, or whose answer may not be whole', async () => {
  const { world, doubt } = site();
  world.monitoring.upS = 60;
  expect(await doubt()).toMatch(/^Prometheus was restarted, .* until \d\d:\d\d UTC/);
  world.monitoring.upS = 86_400;
  world.monitoring.warnings.push('remote read failed');
  expect(await doubt()).toContain('may not be whole');
  world.monitoring.up = false;
  expect(await doubt()).toContain('Prometheus could not be asked');
});

test('silence is believed where the site has no Prometheus that could be asked', async () => {
  const { world, doubt } = site(false);
  world.monitoring.up = false;
  expect(await doubt()).toBeUndefined();
});

test('silence is not believed either where Alertmanager has lost the alert that always fires, whatever Prometheus says', async () => {
  expect(await site(true, 'Watchdog has ended.').doubt()).toBe('Watchdog has ended.');
  expect(await site(false, 'Watchdog has ended.').doubt()).toBe('Watchdog has ended.');
});
