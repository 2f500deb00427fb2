import { describe, expect, it } from 'vitest';
import { scenarioNamed } from '../../test/lab/scenarios/index.ts';
import { labTargets, worldOf } from '../../test/lab/site/index.ts';
import { addWorkload } from '../../test/lab/site/populate.ts';
import { kind } from '../../test/lab/site/volumes.ts';
import type { User } from '../commands/workload-volumes.ts';
import { show } from '../core/command.ts';
import type { Finding } from '../core/finding.ts';
import { uses } from '../core/hold.ts';
import { type Step, wordToType } from '../core/plan.ts';
import { readerOver } from '../core/reading.ts';
import { startDependants, stopDependants } from './dependants.ts';

const FOR = 'database dbaas/pg-cluster/linkwarden';

function user(more: Partial<User & { readonly isProxy: boolean; readonly autoscaler: string }>) {
  const about = { kind: 'Deployment', namespace: 'linkwarden', name: 'linkwarden', owner: undefined } as const;
  return { ...about, runs: 2, ranBefore: undefined, stoppedFor: undefined, volumes: [], waitsFor: [], ...more };
}

const because: Finding = {
  code: 'restore',
  subject: 'linkwarden',
  says: 'asked',
  remedy: '',
  seen: [{ known: true, value: 1, asks: '', line: 'n$ true', outcome: { exitCode: 0, stdout: '', stderr: '' } }],
};
const hold = uses('database', 'dbaas/pg-cluster/linkwarden');
const parts = { because, before: [], holds: [hold], stoppedFor: FOR };

function stopping(users: readonly User[]): readonly Step[] {
  return stopDependants({ ...parts, users, until: 'the restore has ended', undoBefore: [] });
}

function starting(users: readonly User[]): readonly Step[] {
  return startDependants({ ...parts, users });
}

const patches = (steps: readonly Step[]) =>
  steps.map(({ change }) => JSON.parse(/--patch=(\{.*\})/.exec(show(change.command).replaceAll("'", ''))?.[1] ?? ''));

describe('stopping who depends on a database', () => {
  const all = [
    user({ kind: 'Deployment', name: 'pgbouncer', isProxy: true }),
    user({ kind: 'StatefulSet', name: 'matrix' }),
    user({ kind: 'CronJob', name: 'prune', runs: 1 }),
    user({}),
  ];

  it('suspends CronJobs first and stops proxies last; starting goes in the other direction', () => {
    const names = (steps: readonly Step[]) => steps.map(({ title }) => /\S+\/(\S+)/.exec(title)?.[1]);
    expect(names(stopping(all))).toEqual(['prune', 'matrix', 'linkwarden', 'pgbouncer']);
    expect(names(starting(all))).toEqual(['pgbouncer', 'matrix', 'linkwarden', 'prune']);
  });

  it('notes how each ran and for what it was stopped, and takes both away with the same number', () => {
    const [stop] = stopping([user({ runs: 3 })]);
    const [start] = starting([user({ runs: 0, ranBefore: 3, stoppedFor: FOR })]);
    expect(patches([stop!, start!])).toEqual([
      { metadata: { annotations: { 'storagebot/ran-before': '3', 'storagebot/stopped-for': FOR } }, spec: { replicas: 0 } },
      { metadata: { annotations: { 'storagebot/ran-before': null, 'storagebot/stopped-for': null } }, spec: { replicas: 3 } },
    ]);
  });

  it('leaves the number of whoever was started by somebody else, and takes the notes away', () => {
    expect(patches(starting([user({ runs: 1, ranBefore: 3, stoppedFor: FOR })]))).toEqual([
      { metadata: { annotations: { 'storagebot/ran-before': null, 'storagebot/stopped-for': null } }, spec: { replicas: 1 } },
    ]);
  });

  it('is taken back by the number that it had', () => {
    const undo = stopping([user({ runs: 3 })])[0]!.undo;
    expect('change' in undo && show(undo.change.command)).toContain('"replicas":3');
  });

  it('changes the workload alone: it is the first thing that the step holds', () => {
    const [step] = stopping([user({})]);
    expect(step!.holds).toEqual([{ kind: 'workload', name: 'linkwarden/linkwarden', how: 'changes' }, hold]);
    expect(wordToType(step!)).toBe('linkwarden/linkwarden');
  });

  it('says what the site loses with Authentik, what an autoscaler does, and what Terraform would', () => {
    const warnings = (each: User) => stopping([each])[0]!.warnings?.join('\n');
    expect(warnings(user({ namespace: 'authentik', name: 'server' }))).toContain('nobody can log in to what it protects');
    expect(warnings(user({ autoscaler: 'web' }))).toContain('HorizontalPodAutoscaler web');
    expect(warnings(user({}))).toMatch(/replicas: 2\) is noted at it[^]*Terraform meanwhile would start it again/);
    expect(warnings(user({}))).not.toMatch(/Authentik|Autoscaler/);
  });

  it.each([
    ['an operator looks after', user({ kind: 'StatefulSet', owner: { kind: 'InnoDBCluster', name: 'mysql-cluster' } })],
    ['runs on every node', user({ kind: 'DaemonSet' })],
  ])('is refused for what %s', (_what, each) => {
    expect(() => stopping([each])).toThrow('it is not scaled by hand');
    expect(() => starting([each])).toThrow('it is not scaled by hand');
  });
});

describe('who is started again and has an autoscaler', () => {
  const NAME = { namespace: 'nextcloud', name: 'whiteboard' };
  const resource = kind('apps/v1', 'deployments');

  /** The workload runs as often as its autoscaler made of it, which was once. */
  async function answers(runs: number, scaler?: { readonly minReplicas?: number; readonly maxReplicas: number }) {
    const world = worldOf({ scenario: scenarioNamed('all-well') });
    addWorkload(world, { ...NAME, kind: 'Deployment', nodes: ['k8s-node1', 'k8s-node2', 'k8s-node3'] });
    if (scaler !== undefined)
      world.store.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { ...NAME, name: 'busy' },
        spec: { scaleTargetRef: { kind: 'Deployment', name: NAME.name }, ...scaler },
      });
    world.store.patch({ resource, ...NAME }, { spec: { replicas: runs } });
    world.time.advance(120_000);
    const [step] = starting([user({ ...NAME, runs: 0, ranBefore: 1 })]);
    const { after, undo } = step!;
    const read = readerOver(labTargets(world).read);
    const checks = 'before' in undo ? [after, undo.before[0]] : [];
    return Promise.all(checks.map(async ({ holds }) => (await holds(read)).answer));
  }

  it('may run as often as that one wants, and is taken back all the same', async () => {
    expect(await answers(3, { maxReplicas: 5 })).toEqual(['yes', 'yes']);
    expect(await answers(1, { minReplicas: 2, maxReplicas: 5 })).toEqual(['yes', 'yes']);
  });

  it.each([
    ['there is none', undefined],
    ['that one would never set it so', { maxReplicas: 2 }],
  ])('runs as often as before where %s', async (_what, scaler) => {
    expect(await answers(3, scaler)).toEqual(['no', 'no']);
    expect(await answers(1, scaler)).toEqual(['yes', 'yes']);
  });

  it('is not started where somebody stopped it again', async () => {
    expect(await answers(0, { maxReplicas: 5 })).toEqual(['no', 'no']);
  });
});
