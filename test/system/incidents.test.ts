import { describe, expect, it } from 'vitest';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import type { Scenario } from '../lab/scenarios/scenario.ts';
import { fire } from '../lab/site/alerts.ts';
import { addApps, fireForNas, nasComesBack, nasGoesDown, podsOfApps, resolveAll } from '../lab/site/outage.ts';
import { openIncidentStand } from './incident-stand.ts';
import { CHANNEL, OPERATOR, until } from './product.ts';

const WELL: Scenario = { name: 'many-pods', says: 'Nothing is the matter, and 42 more pods stand on the NAS.', prepare: addApps };

describe('the NAS reboots, and with it stand 42 pods', { timeout: 180_000 }, () => {
  it('is one thread that names the cause, offers nothing for one volume, survives a crash, and ends when all alerts have', async () => {
    await using stand = await openIncidentStand(WELL);
    const { product, notifier, threads, said } = stand;
    const { world } = product.site;
    const first = await product.boot();
    expect(podsOfApps(world)).toHaveLength(42);
    nasGoesDown(world);
    fireForNas(world);
    expect(new Set(world.alerting.alerts.map(({ labels }) => labels['alertname'])).size).toBe(9 + 1);
    await notifier.notify();
    await until('there is a thread', () => threads().length > 0);
    await first.kill();
    await product.boot();
    await until('the cause is proved', () => threads()[0]?.includes('The cause is proved: ') === true);
    await notifier.repeat();
    const alerts = world.alerting.alerts.length - 1;
    await until('the thread has all alerts', () => threads()[0]?.includes(`${alerts} of ${alerts} alerts fire`) === true);
    expect(threads()).toHaveLength(1);
    expect(product.changes()).toEqual([]);
    await until('the repair of the cause is offered', () => said().includes('[Approve]'));
    expect(said().match(/Runs exactly this:\n.*/g)).toEqual([expect.stringContaining('pve$ qm start 9000')]);

    nasComesBack(world);
    resolveAll(world);
    await notifier.notify();
    await until('the thread is over', () => threads()[0]?.includes('over: all its alerts have ended') === true);
    expect(threads()).toHaveLength(1);
    expect(product.changes()).toEqual([]);
  });
});

describe('two unrelated faults at once', { timeout: 180_000 }, () => {
  it('are two threads, each with its own cause', async () => {
    const both: Scenario = {
      name: 'two-faults',
      says: 'The NAS is off, and the log of PostgreSQL has filled its volume, which is not on the NAS.',
      prepare(world) {
        scenarioNamed('postgres-disk-full').prepare(world);
        addApps(world);
      },
    };
    await using stand = await openIncidentStand(both);
    const { product, notifier, threads } = stand;
    const { world } = product.site;
    await product.boot();
    nasGoesDown(world);
    fireForNas(world);
    fire(world, { alertname: 'PostgreSQLDown', pod: 'pg-cluster-1', severity: 'critical' }, 'PostgreSQL is down');
    fire(
      world,
      { alertname: 'KubePodNotReady', namespace: 'dbaas', pod: 'pg-cluster-1', severity: 'warning' },
      'pg-cluster-1 is not ready',
    );
    await notifier.notify();
    const oneSays = (...words: readonly string[]) =>
      threads().filter((text) => words.every((each) => text.includes(each))).length === 1;
    await until('the NAS is proved to be ill', () => oneSays('The cause is proved: NAS'));
    await until('the volume of the database is found full', () => oneSays('database server dbaas/pg-cluster', 'disk-full'));
    expect(threads()).toHaveLength(2);
  });
});

/** Quiet hours that hold now, and longer than a test lasts. */
function aroundNow() {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  return [{ from: clock(-2), to: clock(2) }];
}

describe('quiet hours', { timeout: 180_000 }, () => {
  it('hold a warning back and nothing critical, and at their end tell it in one message, and then in its thread', async () => {
    await using stand = await openIncidentStand(WELL, { quiet: aroundNow() });
    const { product, notifier, threads, configure } = stand;
    const { world } = product.site;
    const bot = await product.boot();
    fire(world, { alertname: 'PVFillingUp', namespace: 'immich', persistentvolumeclaim: 'immich-upload', severity: 'warning' });
    await notifier.notify();
    await until('it is an incident', () => bot.output().includes('an incident was opened'));
    fire(world, {
      alertname: 'VaultwardenBackupStale',
      namespace: 'vaultwarden',
      cronjob: 'vaultwarden-backup',
      severity: 'critical',
    });
    await notifier.notify();
    await until('what is critical is told', () => threads().length > 0);
    await until('its diagnosis is', () => threads()[0]?.includes('Diagnosis: ') === true);
    expect(threads()).toEqual([expect.stringContaining('VaultwardenBackupStale')]);
    await bot.stop();
    await configure({ quiet: [] });
    await product.boot();
    await until('the rest is told', () => threads().length === 3);
    expect(threads()[1]).toContain('Quiet hours are over: 1 alert in 1 incident, 1 still open');
    expect(threads()[2]).toContain('PVFillingUp');
  });
});

describe('maintenance', { timeout: 180_000 }, () => {
  it('that somebody announces is told to everybody and in incidents, until somebody ends it', async () => {
    await using stand = await openIncidentStand(WELL);
    const { product, notifier, threads, said } = stand;
    const { slack, site } = product;
    await product.boot();
    await slack.command(OPERATOR, CHANNEL, '/storage maintenance 2h new disks');
    await until('everybody is told', () => threads().some((text) => text.includes('announced maintenance')));
    nasGoesDown(site.world);
    fireForNas(site.world);
    await notifier.notify();
    await until('the incident is diagnosed', () => threads()[1]?.includes('The cause is proved: ') === true);
    await until('what it offered is withdrawn', () => maintenances(threads()[1]) === 2);
    expect(said(1)).not.toContain('[Approve]');
    expect(threads()[1]).toMatch(
      /Maintenance, announced by operator, until .* UTC: new disks\. Everything is looked at, and no repair is offered\./,
    );
    await slack.command(OPERATOR, CHANNEL, '/storage maintenance end the disks are in');
    await until('its end is told', () => threads().some((text) => text.includes('ended the maintenance')));
    await until('what was withdrawn is offered', () => said(1).includes('[Approve]'));
    await until('the incident says nothing of maintenance any more', () => maintenances(threads()[1]) === 0);
  });
});

function maintenances(text = ''): number {
  return text.split('Maintenance, announced by operator').length - 1;
}
