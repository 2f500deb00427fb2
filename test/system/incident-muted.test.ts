import { describe, expect, it } from 'vitest';
import { SILENCE } from '../../src/slack/incident-buttons.ts';
import { at } from '../lab/kubernetes/store.ts';
import { scenarioNamed } from '../lab/scenarios/index.ts';
import { NAME } from '../lab/scenarios/node-changes.ts';
import type { Scenario } from '../lab/scenarios/scenario.ts';
import { fire, resolve } from '../lab/site/alerts.ts';
import { addApps, podsOfApps } from '../lab/site/outage.ts';
import type { World } from '../lab/site/world.ts';
import { peer } from '../peers.ts';
import { openIncidentStand } from './incident-stand.ts';
import { CHANNEL, OPERATOR, until } from './product.ts';
import { startAlertmanager } from './real-alertmanager.ts';

const NODE_OFF: Scenario = {
  name: 'node-off-and-pods',
  says: 'A node is off, and 42 pods stand on volumes of the NAS, some of them on that node.',
  prepare(world) {
    addApps(world);
    scenarioNamed('node-off').prepare(world);
  },
};

/** So many pods on that node, or elsewhere, crash now. */
function crash(world: World, count: number, isThere: boolean): readonly string[] {
  const pods = podsOfApps(world).filter((pod) => (at(pod, 'spec', 'nodeName') === NAME) === isThere);
  return pods.slice(0, count).map(({ metadata: { namespace = '', name } }) => {
    fire(world, { alertname: 'PodCrashLooping', namespace, pod: name, severity: 'warning' });
    return `${namespace}/${name}`;
  });
}

describe('what an alert inhibits in the whole cluster', { timeout: 300_000 }, () => {
  it('is in its thread where it stands on the same cause, is marked when it is silenced, and is an incident of its own once nothing inhibits it', async () => {
    await using stand = await openIncidentStand(NODE_OFF, { watchdog: { alert: 'Watchdog', every: '5m' } }, { inhibits: true });
    const { product, notifier, threads, said, messages } = stand;
    const { slack, site } = product;
    const { world } = site;
    const bot = await product.boot();
    fire(world, { alertname: 'NodeDown', node: NAME, severity: 'critical' }, 'The node is down');
    const there = crash(world, 2, true);
    const [elsewhere = ''] = crash(world, 1, false);
    await notifier.notify();
    await until('those that it inhibits are listed apart', () => /inhibited by NodeDown/.test(threads()[0] ?? ''));
    expect(threads()[0]).toContain('3 of 3 alerts fire, 2 of them held back in Alertmanager');
    await until('the thread has them too', () => said().split('Held back in Alertmanager: 2, inhibited by NodeDown').length > 2);
    for (const pod of there) expect(said()).toContain(pod);
    expect(said()).not.toContain(elsewhere);
    expect(threads()).toHaveLength(1);

    await slack.press(OPERATOR, messages()[0]?.ts ?? '', CHANNEL, SILENCE);
    await until('the window is open', () => slack.views(OPERATOR).length === 1);
    await slack.submit(OPERATOR, { 'how-long': 'for 4h', reason: 'the node is being repaired' });
    await until('what is silenced is marked', () => /Held back in Alertmanager: 3, silenced/.test(threads()[0] ?? ''));

    resolve(world, { alertname: 'NodeDown' });
    await notifier.notify();
    await until('what was inhibited is told by itself', () => threads().some((text) => text.includes(elsewhere)));
    expect(threads()).toHaveLength(2);
    expect(threads()[1]).toContain('1 of 1 alert fires');
    expect(threads()[1]).not.toContain('eld back');
    expect(bot.output()).not.toContain('"level":50');
  });
});

const alertmanager = peer('alertmanager');

describe.skipIf(!alertmanager.found)('what a real Alertmanager inhibits', { timeout: 120_000 }, () => {
  it('is found in its API, although it writes of it in no channel', async () => {
    const rules = [{ source_matchers: ['alertname="NodeDown"'], target_matchers: ['alertname="PodCrashLooping"'] }];
    await using real = await startAlertmanager(alertmanager.found ? alertmanager.path : '', { inhibit_rules: rules });
    await using stand = await openIncidentStand(NODE_OFF, { alertmanager: { url: real.url }, watch: { channels: [CHANNEL] } });
    const { product, threads } = stand;
    const { slack, site } = product;
    await product.boot();
    const [pod = ''] = crash(site.world, 1, true);
    const [namespace = '', name = ''] = pod.split('/');
    await real.fire([
      { alertname: 'NodeDown', node: NAME, severity: 'critical' },
      { alertname: 'PodCrashLooping', namespace, pod: name, severity: 'warning' },
    ]);
    const titleLink = `${real.url}/#/alerts?receiver=slack-critical`;
    await slack.postFromApp({
      app: 'alertmanager',
      channel: CHANNEL,
      title: '[CRITICAL] NodeDown (1)',
      titleLink,
      text: '• down',
    });
    const incident = () => threads().find((text) => text.includes('2 of 2 alerts fire, 1 of them held back in Alertmanager'));
    await until('it is in the thread of what inhibits it', () => incident() !== undefined);
    expect(incident()).toMatch(new RegExp(`Held back in Alertmanager: 1, inhibited by NodeDown\\n.*${pod}`));
  });
});
