import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { APPROVE } from '../../src/slack/decision-value.ts';
import { DIAGNOSE } from '../../src/slack/incident-buttons.ts';
import type { KubeObject } from '../lab/kubernetes/store.ts';
import { replaceDirectory } from '../lab/scenarios/changes.ts';
import type { Scenario } from '../lab/scenarios/scenario.ts';
import { fire, type LabAlert, resolve } from '../lab/site/alerts.ts';
import { addApps, fireForNas, nasComesBack, nasGoesDown, podsOfApps } from '../lab/site/outage.ts';
import type { World } from '../lab/site/world.ts';
import { type IncidentStand, openIncidentStand } from './incident-stand.ts';
import { CHANNEL, OPERATOR, until } from './product.ts';

const WELL: Scenario = { name: 'many-pods', says: 'Nothing is the matter, and 42 more pods stand on the NAS.', prepare: addApps };
/** Its directory is another one after the reboot of the NAS, so that its pods hold handles of one that is gone. */
const STALE = 'app-07';

const isStale = ({ metadata }: KubeObject): boolean => metadata.namespace === STALE;

/** What fires of pods and workloads of this namespace. */
function alertsOf({ alerting }: World, namespace: string): readonly LabAlert[] {
  return alerting.alerts.filter(({ labels }) => labels['namespace'] === namespace);
}

/** Nothing fires of one whose pods are well again. */
function resolveWell(world: World): void {
  const well = podsOfApps(world).filter((pod) => !isStale(pod));
  for (const namespace of new Set(well.map(({ metadata }) => metadata.namespace ?? ''))) resolve(world, { namespace });
}

/** Prometheus has begun anew: what waits for its uptime fires no more, whatever is ill. */
function restartPrometheus(world: World): readonly LabAlert[] {
  const forgotten = world.alerting.alerts.filter(({ labels }) => labels['alertname'] !== 'Watchdog');
  world.monitoring.upS = 20;
  for (const { labels } of forgotten) resolve(world, labels);
  return forgotten;
}

const offersOf = ({ product: { slack }, messages }: IncidentStand) =>
  slack.messages(CHANNEL, messages()[0]?.ts ?? '').filter((message) => slack.text(message).includes('[Approve]'));

describe('the NAS reboots, and its pods come back one by one, but for those with stale handles', { timeout: 300_000 }, () => {
  it('is one thread that ends with the repair of these, although Prometheus begins anew in between', async () => {
    await using stand = await openIncidentStand(WELL);
    const { product, notifier, threads, said, messages } = stand;
    const { slack, site } = product;
    const { world } = site;
    await product.boot();
    nasGoesDown(world);
    fireForNas(world);
    await notifier.notify();
    await until('the cause is proved', () => threads()[0]?.includes('The cause is proved: NAS') === true);
    await until('its repair is offered', () => offersOf(stand).length === 1);

    // Somebody starts it by hand.
    replaceDirectory(world, `/mnt/main/${STALE}`);
    nasComesBack(world);
    for (const pod of podsOfApps(world).filter(isStale)) world.cluster.report(pod, 'not-ready');
    const { alerts } = world.alerting;
    for (const name of new Set(alerts.map(({ labels }) => labels['alertname'] ?? '')))
      if (/^(NFS|NodeHighIOWait|PodsStuck)/.test(name)) resolve(world, { alertname: name });
    for (const pod of podsOfApps(world)
      .filter((each) => !isStale(each))
      .slice(0, 12)) {
      resolve(world, { pod: pod.metadata.name });
      await notifier.notify();
    }
    expect(threads()).toHaveLength(1);

    const forgotten = restartPrometheus(world);
    await notifier.notify();
    await until('the thread says why silence proves nothing', () => said().includes('Prometheus was restarted'));
    // Longer than an incident settles.
    await sleep(5_000);
    expect(threads()[0]).not.toContain('over:');
    world.time.advance(20 * 60_000);
    world.monitoring.upS = 1_200;
    for (const { labels, annotations } of forgotten) fire(world, labels, annotations['summary']);
    resolveWell(world);
    await notifier.notify();
    const firing = alertsOf(world, STALE).length;
    expect(firing).toBeGreaterThan(3);
    await until('they fire again in the thread', () => threads()[0]?.includes(`${firing} of `) === true);

    await slack.press(OPERATOR, messages()[0]?.ts ?? '', CHANNEL, DIAGNOSE);
    await until(
      'the root says that the NAS is well',
      () => threads()[0]?.includes('Looked at and well: NAS truenas') === true,
      90_000,
    );
    expect(threads()[0]).not.toContain('The cause is proved');
    await until('the repair of a pod is offered', () => offersOf(stand).some((each) => slack.text(each).includes(`${STALE}-`)));
    const left = () =>
      podsOfApps(world)
        .filter(isStale)
        .map(({ metadata }) => metadata.name);
    const stale = left();
    for (const deadline = performance.now() + 90_000; left().some((name) => stale.includes(name)); await sleep(100)) {
      expect(performance.now()).toBeLessThan(deadline);
      for (const { ts } of offersOf(stand)) await slack.press(OPERATOR, ts, CHANNEL, APPROVE);
    }
    expect(product.changes().filter((line) => !line.includes(STALE))).toEqual([]);
    resolve(world, { namespace: STALE });
    await notifier.notify();
    await until('the thread is over', () => threads()[0]?.includes('over: all its alerts have ended') === true);
    expect(threads()).toHaveLength(1);
    expect(said()).toMatch(/Round 2: [\s\S]* (\d+) of \1 mounts answer/);
  });
});
