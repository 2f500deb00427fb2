import { expect, test } from 'vitest';
import restartIscsi from '../../runbooks/restart-iscsi/index.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { findBooks } from '../lab/scenarios/iscsi-changes.ts';
import { openWorkshop, statuses, verdictAtEnd } from './repair.ts';

const TARGET = 'csi-pvc-2710e3f7-925a-41fa-ab2b-4998a22e0117';

test('a login to a server that agrees to no digests has failed; asked again, the bot starts the writers, and stops them no more', async () => {
  const words = ['k8s-node2', TARGET];
  const each = { scenario: 'iscsi-digests-declined', words, verdict: 'ill', findings: [], changes: [] } as const;
  await using workshop = await openWorkshop(restartIscsi, each);
  const { world } = workshop;
  const run = await workshop.repair();
  expect(run.status).toBe('finished');
  expect(statuses(run).map(([status]) => status)).toEqual(['done', 'done', 'failed']);
  expect(statuses(run).at(-1)?.[1]).toMatch(/--login$/);
  expect(findBooks(world).replicas).toBe(0);

  const again = await workshop.repair();
  expect(statuses(again).map(([status]) => status)).toEqual(['done']);
  expect(findBooks(world).replicas).toBe(1);
  expect(verdictAtEnd(again)).toBe('blind');
  expect(world.executed.filter((line) => line.includes('--logout'))).toHaveLength(1);

  const third = await workshop.repair();
  expect(third.rounds.map(({ plan }) => stepsOf(plan))).toEqual([[]]);
});
