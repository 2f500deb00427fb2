import { describe, expect, test } from 'vitest';
import type { Episode } from '../core/alert.ts';
import type { AlertRule } from '../core/alert-settings.ts';
import { changes, type Hold, uses } from '../core/hold.ts';
import type { Cause, Incident } from '../core/incident.ts';
import type { Step } from '../core/plan.ts';
import { stepOf } from '../slack/fixtures/run-view.ts';
import { episodeOf, INDEX, SITE } from './fixtures/outage.ts';
import { settings } from './fixtures/stage.ts';
import { type Guarding, obstacleTo } from './guarding.ts';

const NAS = { kind: 'nas', name: 'nas' } as const;
const MAIN = { kind: 'pool', name: 'main' } as const;
const NODE = { kind: 'node', name: 'node1' } as const;
const OWN = { kind: 'workload', name: 'app1/web' } as const;

function step(code: string, subject: string, first: Hold, ...more: Hold[]): Step {
  const because = { code, subject, says: 'It is so.', remedy: 'Do something.', seen: stepOf().because.seen };
  return stepOf({ because, holds: [first, ...more] });
}

const restart = step('stale-handle', 'app1/web', changes('workload', 'app1/web'), uses('pvc', 'app1/data'));
const startNas = step('nas-vm-down', 'nas', changes('vm', '9000'), changes('nas', 'nas'), uses('node', 'node1'));
const resumeNode = step('machine-paused', 'node1', changes('vm', '201'), changes('node', 'node1'));

function incident(cause: Cause, more: Partial<Incident> = {}): Incident {
  return { id: `inc-${cause.name}`, cause, candidates: [], openedAt: 0, runs: [], revision: 1, ...more };
}

/** What there is beside the one in which something is offered; `looking`: incidents that are being diagnosed. */
function among(open: readonly Incident[], looking: readonly string[] = []): Guarding {
  return {
    store: {
      openHeads: () => open,
      unplacedEpisodes: () => [],
      incident: () => undefined,
      wantsDiagnosis: (id) => looking.includes(id),
      run: () => undefined,
    },
    site: SITE,
    settings,
    topology: { known: () => INDEX },
    maintenance: () => undefined,
    toJudge: new Set(),
  };
}

const proved = (what: typeof NAS | typeof MAIN | typeof NODE) => incident({ ...what, because: 'proved' });
const offered = (runbook: string, first: Step, ...more: Step[]) => ({ runbook, steps: [first, ...more] as const });
const asked = { candidates: [OWN, NAS, MAIN] };

describe('what is offered', () => {
  test.each([
    ['a pod on the NAS that is ill', restart, [proved(NAS)], 'ill'],
    ['a pod on the pool that is ill', restart, [proved(MAIN)], 'ill'],
    ['a pod on a node that is ill, which it could leave', restart, [proved(NODE)], undefined],
    ['the NAS that is ill', startNas, [proved(NAS)], undefined],
    ['a node that is ill with the NAS beneath it', resumeNode, [proved(NODE), proved(NAS)], 'ill'],
    ['the NAS beneath a node that is ill', startNas, [proved(NODE), proved(NAS)], undefined],
    ['the NAS with a pool that is ill', startNas, [proved(MAIN), proved(NAS)], undefined],
  ] as const)('for %s', (_what, first, open, wanted) => {
    expect(obstacleTo(among(open), asked, offered('diagnose-nfs', first))?.is).toBe(wanted);
  });

  test('for two that stand on each other is never kept back on both sides', () => {
    const all = among([proved(NODE), proved(NAS), proved(MAIN)], ['inc-nas', 'inc-main', 'inc-node1']);
    expect(obstacleTo(all, asked, offered('diagnose-nfs', startNas))).toBeUndefined();
    expect(obstacleTo(among([proved(NODE)]), asked, offered('diagnose-node', resumeNode))).toBeUndefined();
  });

  test('stands where a later step of its plan mends what is ill, and the rule that would approve the first alone has to wait', () => {
    const all = among([proved(NAS)]);
    expect(obstacleTo(all, asked, offered('diagnose-nfs', restart, startNas))).toBeUndefined();
    expect(obstacleTo(all, asked, offered('diagnose-nfs', restart))).toMatchObject({ is: 'ill', by: 'inc-nas' });
  });

  test('waits while what lies beneath is looked at, proved or not, unless it is ill already', () => {
    const shared = incident({ ...NAS, because: 'shared' });
    expect(obstacleTo(among([shared]), asked, offered('diagnose-nfs', restart))).toBeUndefined();
    expect(obstacleTo(among([shared], ['inc-nas']), asked, offered('diagnose-nfs', restart))).toMatchObject({ is: 'looking' });
    expect(obstacleTo(among([proved(NAS)], ['inc-nas']), asked, offered('diagnose-nfs', restart))).toMatchObject({ is: 'ill' });
  });

  test('of the server that an alert calls down is not kept back by that alert, though a pod of nobody holds its lock', () => {
    const server = { kind: 'database-server', name: 'dbaas/mysql-cluster' } as const;
    const down = episodeOf({ name: 'MySQLDown', labels: {} }, 0);
    const own = incident({ ...server, because: 'named' }, { candidates: [server] });
    const all = among([own]);
    const store = { ...all.store, incident: () => ({ ...own, members: [down] }) };
    const lock = step('zombie-pod', 'mysql-7c9d8f6b5-zx4kq', changes('workload', 'dbaas/mysql'), uses('node', 'node2'));
    const other = step('pod-down', 'old-0', changes('workload', 'dbaas/old'), uses('node', 'node2'));
    expect(obstacleTo({ ...all, store }, own, offered('diagnose-mysql', lock))).toBeUndefined();
    expect(obstacleTo({ ...all, store }, own, offered('diagnose-mysql', other))).toMatchObject({ is: 'named' });
  });

  test('waits where an alert says anew that what lies beneath is ill, which was found well before', () => {
    const at = { ...NAS, at: 1_000, by: { run: 'r', round: 1 }, wasIll: true };
    const named = incident({ ...NAS, because: 'named' }, { cleared: [at] });
    const says = (...members: Episode[]) => {
      const all = among([named]);
      const store = { ...all.store, incident: () => ({ ...named, members }) };
      return obstacleTo({ ...all, store }, asked, offered('diagnose-nfs', restart))?.is;
    };
    const silent = (receivedAt: number) => episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, receivedAt);
    expect(says(silent(500))).toBeUndefined();
    expect(says(silent(500), silent(2_000))).toBe('named');
    expect(says(silent(500), { ...silent(2_000), endsAt: 3_000 })).toBeUndefined();
  });

  test('waits where an alert has just come that says it of what lies beneath, unless Alertmanager or a rule says otherwise', () => {
    const coming = (episode: Episode, routes: AlertRule[] = [], first = restart) => {
      const all = among([]);
      const store = { ...all.store, unplacedEpisodes: () => [episode] };
      return obstacleTo({ ...all, store, settings: { ...settings, routes } }, asked, offered('diagnose-nfs', first));
    };
    const silent = episodeOf({ name: 'NFSServerUnresponsive', labels: {} }, 0);
    expect(coming(silent)).toMatchObject({ is: 'looking', by: 'NFSServerUnresponsive' });
    expect(coming(silent, [], startNas)).toBeUndefined();
    expect(coming({ ...silent, muted: { by: 'silence', ids: ['1'] } })).toBeUndefined();
    expect(coming(silent, [{ labels: {}, annotations: {}, what: { ignore: 'noise' } }])).toBeUndefined();
    expect(coming(episodeOf({ name: 'MySQLDown', labels: {} }, 0))).toBeUndefined();
  });

  test('for what was never seen in the cluster waits for all that its incident stands on', () => {
    const fresh = step('stale-handle', 'app99/web', changes('workload', 'app99/web'));
    expect(obstacleTo(among([proved(NAS)]), asked, offered('diagnose-nfs', fresh))).toMatchObject({ is: 'ill' });
    expect(obstacleTo(among([proved(NAS)]), { candidates: [OWN] }, offered('diagnose-nfs', fresh))).toBeUndefined();
  });

  test('is not offered in maintenance, whatever it is', () => {
    const all = { ...among([]), maintenance: () => 'Maintenance until noon.' };
    expect(obstacleTo(all, asked, offered('diagnose-nfs', startNas))).toEqual({
      is: 'maintenance',
      by: 'maintenance',
      says: 'Maintenance until noon.',
    });
  });
});
