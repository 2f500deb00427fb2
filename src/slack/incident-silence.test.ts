import { describe, expect, it } from 'vitest';
import { fc, seed } from '../../test/seed.ts';
import { ALERTMANAGER_UNREACHABLE, isOwnAlert, WATCHDOG_SILENT } from '../alerts/watchdog.ts';
import { matches } from '../core/alertmanager.ts';
import { AskedSilences, askedSilences } from '../topology/asked-alerts.ts';
import { ended, episodeOf, incidentOf } from './fixtures/incident-view.ts';
import { canSilence, silenceModal, wasRead } from './incident-modal.ts';
import { ALL_OF_IT, othersMuted, silenceable, silenceLine, silencesFor, silenceWords } from './incident-silence.ts';

let number = 0;
function alert(name: string, labels: Readonly<Record<string, string>>) {
  number += 1;
  return episodeOf(number, { name, labels: { alertname: name, severity: 'critical', ...labels } });
}

function linesOf(...members: readonly ReturnType<typeof alert>[]): readonly string[] {
  return silencesFor(incidentOf({ members }), ALL_OF_IT).map(silenceLine);
}

describe('the silences of an incident', () => {
  it('are for each name of an alert apart, and for what its alerts are about', () => {
    const crashing = [
      alert('PodCrashLooping', { namespace: 'a', pod: 'x' }),
      alert('PodCrashLooping', { namespace: 'a', pod: 'y' }),
    ];
    expect(linesOf(...crashing, alert('PVFillingUp', { namespace: 'b', persistentvolumeclaim: 'c' }))).toEqual([
      'PodCrashLooping namespace=a pod=x,y',
      'PVFillingUp namespace=b persistentvolumeclaim=c',
    ]);
  });

  it('are of a single alert for all its labels but the severity', () => {
    expect(linesOf(alert('RedisDown', { namespace: 'redis', zone: 'b', job: 'kube state', path: 'a,b', uid: 'u-1' }))).toEqual([
      'RedisDown namespace=redis uid=u-1 zone=b',
    ]);
    expect(linesOf(alert('MySQLDown', {}))).toEqual(['MySQLDown']);
  });

  it('are about the pods, and not about the exporter that counted them', () => {
    const own = { namespace: 'monitoring', pod: 'kube-state-metrics-1' };
    const of = (pod: string) =>
      alert('PodNotReady', { ...own, exported_namespace: 'immich', exported_pod: pod, uid: `u-${pod}` });
    expect(linesOf(of('a'), of('b'))).toEqual(['PodNotReady exported_namespace=immich exported_pod=a,b']);
  });

  it('are apart where one would be for combinations that are not there, as long as these are few', () => {
    const pods = (count: number) =>
      Array.from({ length: count }, (_, index) => alert('PodNotReady', { namespace: `n${index}`, pod: `p${index}` }));
    expect(linesOf(...pods(3))).toEqual([0, 1, 2].map((index) => `PodNotReady namespace=n${index} pod=p${index}`));
    expect(linesOf(...pods(5))).toEqual(['PodNotReady namespace=n0,n1,n2,n3,n4 pod=p0,p1,p2,p3,p4']);
    const square = ['a', 'b'].flatMap((namespace) => ['x', 'y'].map((pod) => alert('PodNotReady', { namespace, pod })));
    expect(linesOf(...square)).toEqual(['PodNotReady namespace=a,b pod=x,y']);
  });

  it('are apart for alerts with other labels, that none is wider than its alerts', () => {
    const [pod, volume] = [alert('StorageSlow', { namespace: 'a', pod: 'x' }), alert('StorageSlow', { namespace: 'b' })];
    expect(linesOf(pod, volume)).toEqual(['StorageSlow namespace=a pod=x', 'StorageSlow namespace=b']);
  });

  it('name no more values than a person reads, and then are for the rest', () => {
    const many = Array.from({ length: 101 }, (_, index) => alert('PodNotReady', { namespace: 'a', pod: `p${index}` }));
    expect(linesOf(...many)).toEqual(['PodNotReady namespace=a']);
  });

  it('are none where they are more than one run makes; then one name of them can be chosen', () => {
    const names = Array.from({ length: 41 }, (_, index) => alert(`Alert${index}`, { namespace: 'a' }));
    const view = incidentOf({ members: names });
    expect(silencesFor(view, ALL_OF_IT)).toEqual([]);
    expect(silencesFor(view, 'Alert7').map(silenceLine)).toEqual(['Alert7 namespace=a']);
    expect(canSilence(view)).toBe(true);
    const fewer = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K'].flatMap((name) =>
      [0, 1, 2, 3].map((index) => alert(name, { namespace: `n${index}`, pod: `p${index}` })),
    );
    expect(linesOf(...fewer)).toHaveLength(11);
  });

  it('are for nothing that has ended, nothing of Grafana, and none of the alerts of the bot', () => {
    const grafana = { ...alert('Disk', {}), source: 'grafana' as const };
    const own = [WATCHDOG_SILENT, ALERTMANAGER_UNREACHABLE].map((name) => alert(name, {}));
    expect(own.every(isOwnAlert)).toBe(true);
    const view = incidentOf({ members: [grafana, ended(alert('RedisDown', {})), ...own, alert('and', {})] });
    expect(silenceable(view)).toEqual([]);
    expect(canSilence(view)).toBe(false);
  });

  it('are for every alert of it, and typed as words are the same', () => {
    const value = fc.constantFrom('a', 'b', 'c', '10.0.0.1:9100', 'x.*', '(y)', 'x|y');
    const labels = fc.dictionary(fc.constantFrom('namespace', 'pod', 'exported_pod', 'device'), value);
    const some = fc.array(fc.record({ name: fc.constantFrom('A', 'B'), labels }), { minLength: 1, maxLength: 30 });
    const property = fc.property(some, (list) => {
      const view = incidentOf({ members: list.map((each) => alert(each.name, each.labels)) });
      const silences = silencesFor(view, ALL_OF_IT);
      expect(view.members.filter(({ labels: own }) => !silences.some((each) => matches(each, own)))).toEqual([]);
      expect(othersMuted(silences, view, view.members)).toEqual([]);
      const heard = AskedSilences.parse(askedSilences(silenceWords(silences)));
      expect(heard.map((each) => [{ name: 'alertname', values: each.alerts }, ...each.labels])).toEqual(silences);
    });
    fc.assert(property, { seed });
  });
});

describe('the window that asks what is silenced', () => {
  const place = { channel: 'C0STORAGE' };
  const members = [alert('PodNotReady', { namespace: 'a', pod: 'x' }), alert('PodNotReady', { namespace: 'a', pod: 'y' })];
  const view = incidentOf({ members: [...members, alert('MySQLDown', {})] });
  const other = alert('MySQLDown', { namespace: 'elsewhere' });

  it('shows exactly what, and how many others fire that would be muted too', () => {
    const text = JSON.stringify(silenceModal(view, place, [...view.members, other, alert('PodNotReady', { namespace: 'b' })]));
    expect(text).toContain('PodNotReady namespace=a pod=x,y');
    expect(text).toContain('The whole incident: 3 alerts +1 other');
    expect(text).toContain('MySQLDown (1) +1 other');
    expect(text).toContain('PodNotReady (2)"');
    expect(text).toContain('+1 other that fires now and is not of this incident: MySQLDown elsewhere.');
    expect(text).not.toContain('does not say what else fires');
  });

  it('says when it is not known what else fires', () => {
    expect(JSON.stringify(silenceModal(view, place, undefined))).toContain('does not say what else fires');
  });

  it('was read as long as it means the same', () => {
    const target = JSON.parse(silenceModal(view, place, []).private_metadata ?? '');
    expect(wasRead(view, target)).toBe(true);
    expect(wasRead({ ...view, members: [...view.members, other] }, target)).toBe(false);
    expect(wasRead({ ...view, members: members.slice(1) }, target)).toBe(false);
  });

  it('was not read where it does not show all', () => {
    const long = Array.from({ length: 100 }, (_, index) =>
      alert('PodNotReady', { namespace: 'a', pod: `p${index}${'x'.repeat(200)}` }),
    );
    const large = incidentOf({ members: long });
    const shown = silenceModal(large, place, []);
    expect(JSON.stringify(shown)).toContain('More than fits here');
    expect(wasRead(large, JSON.parse(shown.private_metadata ?? ''))).toBe(false);
    const names = incidentOf({ members: Array.from({ length: 35 }, (_, index) => alert(`Alert${index}`, {})) });
    expect(wasRead(names, JSON.parse(silenceModal(names, place, []).private_metadata ?? ''))).toBe(false);
  });
});
