import { describe, expect, test } from 'vitest';
import diagnosePostgres from '../../runbooks/diagnose-postgres/index.ts';
import { instance, setPhase } from '../lab/scenarios/postgres-changes.ts';
import { addPostgres } from '../lab/site/databases/postgres.ts';
import { newWorld } from '../lab/site/index.ts';
import { nodeOf } from '../lab/site/world.ts';
import { codesOf, lookAt } from './world.ts';

describe('an instance whose container was not made', () => {
  const withoutContainer = (message?: string) => {
    const world = newWorld({ hangScale: 0.001 });
    const postgres = addPostgres(world);
    const pod = instance(world, 'pg-cluster-2');
    world.cluster.report(pod, 'starting');
    if (message !== undefined) world.cluster.events.warn(pod, 'Failed', message);
    postgres.servers.set('pg-cluster-2', 'stopped');
    postgres.replicas.splice(0);
    return lookAt(world, { runbook: diagnosePostgres, words: [] });
  };

  test('is told, although no event says why and the operator still calls the cluster healthy', async () => {
    expect(codesOf(await withoutContainer())).toEqual(['instance-down dbaas/pg-cluster-2']);
  });

  test('is told with its last event, whatever that is about', async () => {
    const message = 'Error: ImagePullBackOff';
    const { diagnosis } = await withoutContainer(message);
    expect(diagnosis.findings.map(({ says }) => says)).toEqual([expect.stringContaining(message)]);
  });
});

test('where the operator says that the disk is full and its room could not be seen, nobody is told only to wait', async () => {
  const world = newWorld({ hangScale: 0.001 });
  addPostgres(world);
  setPhase(world, 'Not enough disk space', { readyInstances: 1 });
  nodeOf(world, 'k8s-node3').sshAnswers = false;
  const { diagnosis } = await lookAt(world, { runbook: diagnosePostgres, words: [] });
  expect(diagnosis.findings.map(({ code, remedy }) => `${code}: ${remedy}`)).toEqual([
    expect.stringMatching(/^operator-at-work: .*let the volume of the instance grow/),
  ]);
});
