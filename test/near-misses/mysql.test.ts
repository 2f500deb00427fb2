import { describe, expect, it } from 'vitest';
import diagnoseMysql from '../../runbooks/diagnose-mysql/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import type { World } from '../lab/site/index.ts';
import { codesOf, lookAt, worldIn } from './world.ts';

const AT = '2026-04-03T08:5';
const LOCKED = [
  `${AT}8:11.214402Z 1 [ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11`,
  `${AT}8:11.214431Z 1 [Note] [MY-012575] [InnoDB] Check that you do not already have another mysqld process using the same InnoDB data or log files.`,
];

/** A server that does not answer, and what it has written in its present run. */
async function silent(...says: readonly string[]) {
  const world: World = worldIn('mysql-lock-retried');
  world.cluster.says.set('mysql-cluster-2/mysql', says);
  const seen = await lookAt(world, { runbook: diagnoseMysql, words: [] });
  return { codes: codesOf(seen), verdict: verdictOf(seen.diagnosis), steps: stepsOf(seen.plan).length };
}

describe('a server of MySQL that runs and does not answer', () => {
  it('waits for the lock of another one, where that is all that it writes, also as it gives up', async () => {
    const found = { codes: ['datafile-locked mysql-cluster-2', 'zombie-pod mysql-7c9d8f6b5-zx4kq'], verdict: 'ill', steps: 1 };
    expect(await silent(...LOCKED, ...LOCKED)).toEqual(found);
    const end = [
      `${AT}9:52.118866Z 1 [ERROR] [MY-012596] [InnoDB] Error number 11 means 'Resource temporarily unavailable'`,
      `${AT}9:52.118902Z 1 [ERROR] [MY-012215] [InnoDB] Cannot open datafile './ibdata1'`,
      `${AT}9:52.620512Z 0 [ERROR] [MY-010119] [Server] Aborting`,
    ];
    expect(await silent(...LOCKED, ...end)).toEqual(found);
  });

  it.each([
    [
      'has the lock since, and reads its log',
      `${AT}9:02.1Z 1 [Note] [MY-012532] [InnoDB] Applying a batch of 12 redo log records ...`,
    ],
    ['works since', `${AT}9:02.1Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections.`],
  ])('is not told to be locked where it %s', async (_what, line) => {
    expect(await silent(...LOCKED, line)).toEqual({ codes: [], verdict: 'blind', steps: 0 });
  });

  it('is only a silent one where it has written nothing', async () => {
    expect(await silent()).toEqual({ codes: [], verdict: 'blind', steps: 0 });
  });
});
