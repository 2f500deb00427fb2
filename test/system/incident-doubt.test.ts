import { expect, it } from 'vitest';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { fire, resolve } from '../lab/site/alerts.ts';
import { openIncidentStand } from './incident-stand.ts';
import { until } from './product.ts';

const ALERT = { alertname: 'PVFillingUp', namespace: 'immich', persistentvolumeclaim: 'immich-upload', severity: 'critical' };

it('an incident is not over because Prometheus was restarted: it says so, and goes on when its alert fires again', {
  timeout: 180_000,
}, async () => {
  await using stand = await openIncidentStand(scenarioNamed('all-well'));
  const { product, notifier, threads, said } = stand;
  const { world } = product.site;
  await product.boot();
  fire(world, ALERT, 'immich-upload is nearly full');
  await notifier.notify();
  await until('there is a thread', () => threads().length > 0);
  world.monitoring.upS = 120;
  resolve(world, { alertname: 'PVFillingUp' });
  await notifier.notify();
  await until('its thread says why it is not over', () =>
    said().includes('None of its alerts fires, and that proves nothing now'),
  );
  expect(threads()[0]).toContain('quiet: 1 alert ended');
  expect(threads()[0]).toContain('Prometheus was restarted');
  expect(threads()[0]).toContain('So this is not over yet.');
  expect(said().match(/proves nothing now/g)).toHaveLength(1);

  fire(world, ALERT, 'immich-upload is nearly full');
  await notifier.notify();
  await until('it goes on in the same thread', () => threads()[0]?.includes('critical: 1 of 1 alert fires') === true);
  expect(threads()).toHaveLength(1);
  expect(threads()[0]).not.toContain('not over yet');

  world.monitoring.upS = 86_400;
  resolve(world, { alertname: 'PVFillingUp' });
  await notifier.notify();
  await until('the thread is over', () => threads()[0]?.includes('over: all its alerts have ended') === true);
});

it('no incident is over because Prometheus does not reach Alertmanager, in which then all alerts end, also the one that always fires', {
  timeout: 180_000,
}, async () => {
  await using stand = await openIncidentStand(scenarioNamed('all-well'), { watchdog: { alert: 'Watchdog', every: '5m' } });
  const { product, notifier, threads, said } = stand;
  const { world } = product.site;
  await product.boot();
  fire(world, ALERT, 'immich-upload is nearly full');
  await notifier.notify();
  await until('there is a thread', () => threads().length > 0);
  for (const alertname of ['Watchdog', 'PVFillingUp']) resolve(world, { alertname });
  await notifier.notify();
  await until('its thread says why it is not over', () => said().includes('Alertmanager does not have Watchdog'));

  fire(world, { alertname: 'Watchdog', severity: 'info' });
  await notifier.notify();
  await until('the thread is over', () => threads()[0]?.includes('over: all its alerts have ended') === true);
  expect(threads()).toHaveLength(1);
});
