import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import silenceRunbook from '../../runbooks/silence/index.ts';
import unsilenceRunbook from '../../runbooks/unsilence/index.ts';
import { addSilences, alertmanagerStatus, expireSilences, firingAt, silences } from '../../src/commands/alertmanager.ts';
import { createAlertmanager } from '../../src/connectors/alertmanager/index.ts';
import type { Alert } from '../../src/core/alert.ts';
import { type Change, commandLine, type Read } from '../../src/core/command.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Targets } from '../../src/core/ports.ts';
import { readerOver } from '../../src/core/reading.ts';
import type { Runbook } from '../../src/core/runbook.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { answerTo } from '../lab/site/alertmanager.ts';
import { fingerprintOf } from '../lab/site/alerts.ts';
import { labSite, newWorld } from '../lab/site/index.ts';
import { peer } from '../peers.ts';
import { type AlertingServers, startAlerting } from './alerting-servers.ts';
import { carryOut } from './by-hand.ts';

const prometheus = peer('prometheus');
const alertmanager = peer('alertmanager');
const amtool = peer('amtool');

const CHECKED = `push_time_seconds{job="vaultwarden-integrity-check"} ${Math.floor(Date.now() / 1_000)}`;

const waits = (namespace: string, pod: string) =>
  `kube_pod_container_status_waiting_reason{namespace="${namespace}",pod="${pod}",container="app",reason="ContainerCreating"} 1`;
const disks = (node: string, count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      `kube_volumeattachment_info{volumeattachment="csi-${index}",attacher="csi.proxmox.sinextra.dev",node="${node}"} 1`,
  );

describe.skipIf(!prometheus.found || !alertmanager.found || !amtool.found)(
  'a real Prometheus and a real Alertmanager',
  { timeout: 60_000 },
  () => {
    let servers: AlertingServers;
    let connector: ReturnType<typeof createAlertmanager>;
    let targets: Targets;

    beforeAll(async () => {
      if (!prometheus.found || !alertmanager.found) return;
      servers = await startAlerting({ prometheus: prometheus.path, alertmanager: alertmanager.path });
      connector = createAlertmanager({ url: servers.alertmanagerUrl });
      const only = (how: 'read' | 'change') => async (command: Parameters<Targets['read']>[0]) => {
        if (command.via !== 'alertmanager') throw new Error('Only Alertmanager is asked here');
        return connector[how](command);
      };
      targets = { read: only('read'), change: only('change'), close: connector.close };
      servers.measure(CHECKED);
    }, 60_000);

    afterAll(async () => {
      await connector?.close();
      await servers?.stop();
    }, 60_000);

    async function ask<T>(question: Read<T>): Promise<T> {
      const seen = await readerOver(targets.read)(question);
      if (!seen.known) throw new Error(seen.why.says);
      return seen.value;
    }

    /** What was told of these alerts since then; a name may be of several. */
    const toldOf = (name: string, since = 0): readonly Alert[] =>
      servers.told.slice(since).flatMap(({ alerts }) => alerts.filter((alert) => alert.name === name));

    async function soon(what: () => unknown): Promise<void> {
      const deadline = Date.now() + 25_000;
      for (; Date.now() < deadline; await sleep(100)) if (await what()) return;
      throw new Error(`It did not become so: ${what}`);
    }

    const look = (runbook: Runbook, ...words: readonly string[]) =>
      runbook.look(
        runbook.fromWords(words, { id: 'U012AB3CDEF', name: 'viktor' }),
        readerOver(targets.read),
        labSite(newWorld()),
      );

    test('say that they work, again and again', async () => {
      await soon(() => toldOf('Watchdog').length >= 3);
      const episodes = new Set(toldOf('Watchdog').map(({ fingerprint, startsAt }) => `${fingerprint} ${startsAt}`));
      expect([...episodes]).toHaveLength(1);
      expect(await ask(alertmanagerStatus())).toMatchObject({
        cluster: 'disabled',
        peers: 0,
        version: expect.stringMatching(/^0\./),
      });
    });

    test('tell of pods of many namespaces in one group, each with the fingerprint that its labels have', async () => {
      servers.measure(CHECKED, waits('immich', 'server-0'), waits('dbaas', 'pg-cluster-1'), waits('ebooks', 'calibre-0'));
      await soon(() =>
        servers.told.some(({ alerts }) => alerts.filter(({ name }) => name === 'PodsStuckContainerCreating').length === 3),
      );
      const alerts = toldOf('PodsStuckContainerCreating');
      expect([...new Set(alerts.map(({ labels }) => labels['namespace'] ?? ''))].toSorted()).toEqual([
        'dbaas',
        'ebooks',
        'immich',
      ]);
      expect(alerts.filter(({ labels, fingerprint }) => fingerprint !== fingerprintOf(labels))).toEqual([]);
      const now = (await ask(firingAt())).filter(({ name }) => name === 'PodsStuckContainerCreating');
      expect(now.map(({ labels, state }) => `${labels['namespace']}/${labels['pod']} ${state}`).toSorted()).toEqual([
        'dbaas/pg-cluster-1 active',
        'ebooks/calibre-0 active',
        'immich/server-0 active',
      ]);
      const episode = ({ fingerprint, startsAt }: Alert) => `${fingerprint} ${startsAt}`;
      expect(now.map(episode).filter((each) => !alerts.map(episode).includes(each))).toEqual([]);
    });

    test('tell that a pod waits no more, and go on telling of the others', async () => {
      servers.measure(CHECKED, waits('immich', 'server-0'));
      await soon(() => toldOf('PodsStuckContainerCreating').filter(({ endsAt }) => endsAt !== undefined).length >= 2);
      const ofPods = () =>
        servers.told.findLast(({ alerts }) => alerts.some(({ name }) => name === 'PodsStuckContainerCreating'));
      await soon(() => ofPods()?.alerts.length === 1);
      expect(ofPods()?.alerts.map(({ labels, endsAt }) => [labels['namespace'], endsAt])).toEqual([['immich', undefined]]);
    });

    test('hold back what another alert says already, and the API says which', async () => {
      const since = servers.told.length;
      servers.measure(CHECKED, ...disks('k8s-node2', 28));
      await soon(() => toldOf('ProxmoxCSILunCapReached', since).length >= 2);
      const now = await ask(firingAt());
      const reached = now.find(({ name }) => name === 'ProxmoxCSILunCapReached');
      const held = now.filter(({ state }) => state === 'suppressed');
      expect(held.map(({ name }) => name).toSorted()).toEqual(['ProxmoxCSILunUsageCritical', 'ProxmoxCSILunUsageHigh']);
      expect(held.flatMap(({ inhibitedBy }) => inhibitedBy)).toContain(reached?.fingerprint);
      await soon(() => toldOf('ProxmoxCSILunCapReached', since).length >= 4);
      const early = servers.told.findIndex(({ alerts }) => alerts.some(({ name }) => name === 'ProxmoxCSILunCapReached'));
      expect(
        servers.told.slice(early + 1).filter(({ alerts }) => alerts.some(({ name }) => name.startsWith('ProxmoxCSILunUsage'))),
      ).toEqual([]);
    });

    test('tell of a silenced alert no more, of others still, and again once the silence is taken back', async () => {
      const began = servers.told.length;
      servers.measure(CHECKED, waits('immich', 'server-0'), waits('dbaas', 'pg-cluster-1'));
      await soon(() => servers.told.some(({ alerts }, at) => at >= began && alerts.length === 2));
      const words = ['PodsStuckContainerCreating', 'namespace=immich', 'for', '1h', 'because', 'the', 'NAS', 'is', 'mended'];
      const { plan } = await look(silenceRunbook, ...words);
      const { done, stopped } = await carryOut(targets, stepsOf(plan));
      expect({ done: done.length, stopped }).toEqual({ done: 1, stopped: undefined });
      const { silences: all, nowMs } = await ask(silences());
      expect(all).toMatchObject([{ state: 'active', createdBy: 'viktor (storagebot)', comment: 'the NAS is mended' }]);
      expect((all[0]?.endsAt ?? 0) - nowMs).toBeGreaterThan(3_590_000);
      const muted = (await ask(firingAt())).filter(({ silencedBy }) => silencedBy.length > 0);
      expect(muted.map(({ labels }) => labels['pod'])).toEqual(['server-0']);
      expect(verdictOf((await look(silenceRunbook, ...words)).diagnosis)).toBe('well');

      const since = servers.told.length + 1;
      await soon(() => toldOf('PodsStuckContainerCreating', since).length >= 2);
      expect(toldOf('PodsStuckContainerCreating', since).map(({ labels }) => labels['pod'])).not.toContain('server-0');
      const back = await carryOut(targets, undoSteps(done));
      expect(back).toMatchObject({ done: [{ title: expect.stringMatching(/^Take back/) }] });
      expect((await ask(silences())).silences).toEqual([]);
      await soon(() => toldOf('PodsStuckContainerCreating', since).some(({ labels }) => labels['pod'] === 'server-0'));
    });

    test('end what the bot silenced, and nothing of others', async () => {
      const each = [[{ name: 'alertname', values: ['PodsStuckContainerCreating'] }]] as const;
      const others = [[...each[0], { name: 'namespace', values: ['immich'] }]] as const;
      const author = 'viktor (storagebot-3f2a9c81d0-1)';
      const make = (createdBy: string, what: typeof each | typeof others = each) =>
        targets.change(addSilences({ each: what, durationMs: 600_000, createdBy, comment: 'why' }).command);
      await make('admin');
      await make(author);
      await make(author, others);
      const { diagnosis, plan } = await look(unsilenceRunbook, 'PodsStuckContainerCreating');
      expect(diagnosis.findings.map(({ code, subject }) => `${code} ${subject}`).toSorted()).toEqual([
        'of-others admin',
        `silenced ${author}`,
      ]);
      expect(await carryOut(targets, stepsOf(plan))).toMatchObject({ done: [{}] });
      const left = (await ask(silences())).silences.map(({ createdBy, matchers }) => `${createdBy}: ${matchers.length}`);
      expect(left.toSorted()).toEqual(['admin: 1', `${author}: 2`]);
      await targets.change(expireSilences('admin', each).command);
      await targets.change(expireSilences(author, others).command);
    });

    test('do by the shown line of amtool what the bot does by its API', async () => {
      const author = "o'neil (storagebot-9)";
      const by = (change: Change) => {
        const line = commandLine(change.command).replaceAll('http://localhost:9093', servers.alertmanagerUrl);
        execFileSync('/bin/sh', ['-c', line], { stdio: 'pipe' });
      };
      const values = ['a "b"\\c', 'd.*'] as const;
      const each = [
        [
          { name: 'alertname', values: ['Some|thing'] },
          { name: 'path', values },
        ],
        [{ name: 'alertname', values: ['Other', 'More'] }],
      ] as const;
      const add = addSilences({ each, durationMs: 5_400_000, createdBy: author, comment: "it's known" });
      by(add);
      await targets.change(add.command);
      const { silences: all } = await ask(silences());
      const lines = all.map(({ matchers, createdBy, comment, startsAt, endsAt }) => {
        const sorted = matchers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        return JSON.stringify({ matchers: sorted, createdBy, comment, seconds: Math.round((endsAt - startsAt) / 60_000) });
      });
      expect([lines.length, new Set(lines).size]).toEqual([4, 2]);
      expect(all[0]).toMatchObject({ createdBy: author, comment: "it's known" });
      by(expireSilences(author, [each[0]]));
      expect((await ask(silences())).silences.map(({ matchers }) => matchers.length)).toEqual([1, 1]);
      by(add);
      by(expireSilences(author, each));
      expect((await ask(silences())).silences).toEqual([]);
    });

    test.each([
      ['an end before its beginning', 'POST', '/api/v2/silences', body({ endsAt: '2020-01-01T00:00:00Z' })],
      [
        'an end in the past',
        'POST',
        '/api/v2/silences',
        body({ startsAt: '2019-01-01T00:00:00Z', endsAt: '2020-01-01T00:00:00Z' }),
      ],
      ['no matcher', 'POST', '/api/v2/silences', body({ matchers: [] })],
      [
        'a label that there cannot be',
        'POST',
        '/api/v2/silences',
        body({ matchers: [{ name: 'a-b', value: 'c', isRegex: false }] }),
      ],
      ['an id that is none', 'DELETE', '/api/v2/silence/nope', undefined],
      ['a silence that is not there', 'DELETE', '/api/v2/silence/1d3c1f9e-1111-4111-8111-111111111111', undefined],
      ['a path that there is not', 'GET', '/api/v2/nothing', undefined],
    ])('refuse %s in the words of the simulated one', async (_what, method, path, content) => {
      const init =
        content === undefined ? {} : { body: JSON.stringify(content), headers: { 'content-type': 'application/json' } };
      const real = await fetch(`${servers.alertmanagerUrl}${path}`, { method, ...init });
      const { code, body: text } = answerTo(newWorld(), { method, path, ...(content !== undefined && { body: content }) });
      expect({ code: real.status, body: await real.text() }).toEqual({ code, body: text });
    });
  },
);

function body(change: object) {
  const matchers = [{ name: 'alertname', value: 'a', isRegex: false, isEqual: true }];
  const times = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2126-01-01T00:00:00Z' };
  return { matchers, ...times, createdBy: 'operator', comment: 'why', ...change };
}
