import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import silenceRunbook from '../../runbooks/silence/index.ts';
import { type ApiAlert, firingAt, silences } from '../../src/commands/alertmanager.ts';
import { createAlertmanager } from '../../src/connectors/alertmanager/index.ts';
import type { Read } from '../../src/core/command.ts';
import type { IncidentView } from '../../src/core/incident.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { Targets } from '../../src/core/ports.ts';
import { readerOver } from '../../src/core/reading.ts';
import { undoSteps } from '../../src/core/undo.ts';
import { incidentOf } from '../../src/slack/fixtures/incident-view.ts';
import { ALL_OF_IT, othersMuted, silencesFor, silenceWords } from '../../src/slack/incident-silence.ts';
import { labSite, newWorld } from '../lab/site/index.ts';
import { peer } from '../peers.ts';
import { fc, seed } from '../seed.ts';
import { carryOut } from './by-hand.ts';
import { startAlertmanager } from './real-alertmanager.ts';

type Labels = Readonly<Record<string, string>>;

const alertmanager = peer('alertmanager');

const of = (alertname: string, labels: Labels, severity = 'critical'): Labels => ({ alertname, severity, ...labels });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const NAMES = ['KubePodNotReady', 'PodCrashLooping', 'PodsStuckContainerCreating', 'ScrapeTargetDown', 'ContainerOOMKilled'];

/** Forty pods in 14 namespaces, each with several alerts, and what names the NAS without a label. */
const NAS_IS_DOWN = [
  ...numbers(40).flatMap((index) =>
    NAMES.slice(index % 3).map((name) =>
      of(name, { namespace: `app-${index % 14}`, pod: `app-${index}-7d9f`, container: 'app' }),
    ),
  ),
  of('NFSServerUnresponsive', {}),
  of('PostgreSQLDown', { pod: 'pg-cluster-1' }),
  of('NodeHighIOWait', { instance: '10.0.20.103:9100' }),
];
/** What fires with the same names elsewhere, and with other names at the same pods. */
const BESIDE_IT = [
  ...NAMES.map((name) => of(name, { namespace: 'dbaas', pod: 'mysql-0', container: 'mysql' })),
  of('KubePodNotReady', { namespace: 'app-3', pod: 'app-3-other', container: 'app' }),
  of('ContainerOOMKilled', { namespace: 'app-3', pod: 'app-3-7d9f', container: 'sidecar' }),
  of('CertExpiring', { namespace: 'app-3', pod: 'app-3-7d9f', container: 'app' }),
  of('NodeHighIOWait', { instance: '10x0x20x103:9100' }),
  of('PostgreSQLDown', { pod: 'pg-cluster-11' }),
];

const OWN = { namespace: 'monitoring', pod: 'kube-state-metrics-7f' };
const exported = (namespace: string, pod: string) =>
  of('DeploymentReplicasMismatch', { ...OWN, exported_namespace: namespace, exported_pod: pod });

const SITUATIONS: readonly (readonly [what: string, members: readonly Labels[], beside: readonly Labels[]])[] = [
  ['forty pods, and others with the same names', NAS_IS_DOWN, BESIDE_IT],
  [
    'pods that another exporter counts, all with its namespace',
    [exported('immich', 'server-0'), exported('immich', 'server-1'), exported('ebooks', 'calibre-0')],
    [exported('dbaas', 'server-0'), exported('immich', 'calibre-0'), exported('ebooks', 'server-1')],
  ],
  [
    'one alert, by all its labels',
    [of('PVFillingUp', { namespace: 'dbaas', persistentvolumeclaim: 'data', zone: 'a' })],
    [
      of('PVFillingUp', { namespace: 'dbaas', persistentvolumeclaim: 'data', zone: 'b' }),
      of('PVFillingUp', { namespace: 'dbaas', persistentvolumeclaim: 'data' }),
      of('PVFillingUp', { namespace: 'dbaas', persistentvolumeclaim: 'data2', zone: 'a' }),
    ],
  ],
  [
    'pods with one name in several namespaces',
    [of('RedisDown', { namespace: 'a', pod: 'redis-0' }), of('RedisDown', { namespace: 'b', pod: 'redis-1' })],
    [of('RedisDown', { namespace: 'a', pod: 'redis-1' }), of('RedisDown', { namespace: 'b', pod: 'redis-0' })],
  ],
  [
    'values that would be patterns',
    [of('BackupStale', { job_name: 'a.b(c)*', path: '/x\\y"z' }), of('BackupStale', { job_name: '[0-9]+$', path: '/x\\y"z' })],
    [of('BackupStale', { job_name: 'aab(c)', path: '/x\\y"z' }), of('BackupStale', { job_name: '77', path: '/x\\y"z' })],
  ],
];

describe.skipIf(!alertmanager.found)('silences of an incident in a real Alertmanager', { timeout: 60_000 }, () => {
  let real: Awaited<ReturnType<typeof startAlertmanager>>;
  let connector: ReturnType<typeof createAlertmanager>;
  let targets: Targets;

  beforeAll(async () => {
    real = await startAlertmanager(alertmanager.found ? alertmanager.path : '');
    connector = createAlertmanager({ url: real.url });
    const only = (how: 'read' | 'change') => async (command: Parameters<Targets['read']>[0]) => {
      if (command.via !== 'alertmanager') throw new Error('Only Alertmanager is asked here');
      return connector[how](command);
    };
    targets = { read: only('read'), change: only('change'), close: connector.close };
  }, 60_000);

  afterAll(async () => {
    await connector?.close();
    await real?.[Symbol.asyncDispose]();
  });

  async function ask<T>(question: Read<T>): Promise<T> {
    const seen = await readerOver(targets.read)(question);
    if (!seen.known) throw new Error(seen.why.says);
    return seen.value;
  }

  /** An incident of these alerts, as Alertmanager tells of them, while the others fire too. */
  async function incidentIn(members: readonly Labels[], beside: readonly Labels[]): Promise<IncidentView> {
    await real.fire([...members, ...beside]);
    const wanted = new Set(members.map(keyOf));
    const alerts = (await ask(firingAt())).filter(({ labels }) => wanted.has(keyOf(labels)));
    expect(alerts).toHaveLength(wanted.size);
    return incidentOf({ members: alerts.map((alert) => ({ ...alert, receivedAt: alert.startsAt, incident: 'inc1' })) });
  }

  async function silenceAll(view: IncidentView) {
    const words = [...silenceWords(silencesFor(view, ALL_OF_IT)), 'for', '1h'];
    const params = silenceRunbook.fromWords(words, { id: 'U012AB3CDEF', name: 'viktor' });
    const { planAs } = await silenceRunbook.look(params, readerOver(targets.read), labSite(newWorld()));
    const { done, stopped } = await carryOut(targets, stepsOf(planAs('storagebot-3f2a9c81d0-1')));
    expect({ done: done.length, stopped }).toEqual({ done: 1, stopped: undefined });
    return done;
  }

  async function end(members: readonly Labels[]): Promise<void> {
    await real.fire(members, new Date());
    await expect.poll(async () => (await ask(firingAt())).length, { timeout: 20_000 }).toBe(0);
  }

  const silenced = (alerts: readonly ApiAlert[]) => alerts.filter(({ silencedBy }) => silencedBy.length > 0);

  test.each(SITUATIONS)('hold exactly its alerts back: %s', async (_what, members, beside) => {
    const view = await incidentIn(members, beside);
    expect(othersMuted(silencesFor(view, ALL_OF_IT), view, await ask(firingAt()))).toEqual([]);
    const done = await silenceAll(view);
    const now = await ask(firingAt());
    expect(now).toHaveLength(members.length + beside.length);
    expect(
      silenced(now)
        .map(({ labels }) => keyOf(labels))
        .toSorted(),
    ).toEqual(members.map(keyOf).toSorted());
    await carryOut(targets, undoSteps(done));
    expect(silenced(await ask(firingAt()))).toEqual([]);
    expect((await ask(silences())).silences).toEqual([]);
    await end([...members, ...beside]);
  });

  test('hold all its alerts back and, of the others, those that were told before', async () => {
    const value = fc.constantFrom('a', 'b', 'c', 'a.b', '(a.b)', 'a b', 'a|b', 'a,b');
    const labels = fc.dictionary(fc.constantFrom('namespace', 'pod', 'exported_pod', 'device'), value);
    const alerts = fc.uniqueArray(
      fc.tuple(fc.constantFrom('AlertA', 'AlertB'), labels).map(([name, each]) => of(name, each)),
      {
        selector: keyOf,
        minLength: 2,
        maxLength: 40,
      },
    );
    const property = fc.asyncProperty(alerts, fc.double({ min: 0.1, max: 0.9, noNaN: true }), async (all, share) => {
      const members = all.slice(0, Math.ceil(all.length * share));
      const view = await incidentIn(members, all.slice(members.length));
      const told = othersMuted(silencesFor(view, ALL_OF_IT), view, await ask(firingAt()));
      const done = await silenceAll(view);
      const expected = [...members, ...told.map((other) => other.labels)];
      expect(
        silenced(await ask(firingAt()))
          .map((each) => keyOf(each.labels))
          .toSorted(),
      ).toEqual(expected.map(keyOf).toSorted());
      await carryOut(targets, undoSteps(done));
      await end(all);
    });
    await fc.assert(property, { seed, numRuns: 12 });
  });

  test('are not made once another alert begins to fire that they would hold back', async () => {
    const members = [of('KubePodNotReady', { namespace: 'a', pod: 'x' }), of('KubePodNotReady', { namespace: 'a', pod: 'y' })];
    const other = of('KubePodNotReady', { namespace: 'a', pod: 'x', zone: 'b' });
    const view = await incidentIn(members, []);
    const words = [...silenceWords(silencesFor(view, ALL_OF_IT)), 'for', '1h'];
    const look = await silenceRunbook.look(silenceRunbook.fromWords(words), readerOver(targets.read), labSite(newWorld()));
    await real.fire([other]);
    expect(await carryOut(targets, stepsOf(look.plan))).toMatchObject({
      done: [],
      stopped: expect.stringContaining('no: Nothing else fires with these labels'),
    });
    expect((await ask(silences())).silences).toEqual([]);
    await end([...members, other]);
  });
});

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
