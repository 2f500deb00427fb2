import { describe, expect, it } from 'vitest';
import restoreMysql from '../../runbooks/restore-mysql/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { changes } from '../../src/core/hold.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { type Ask, readerOver } from '../../src/core/reading.ts';
import type { Look } from '../../src/core/runbook.ts';
import { mysqlDumpOf } from '../lab/site/databases/backups.ts';
import { memberOf, mysqlOf } from '../lab/site/databases/mysql.ts';
import { labSite, labTargets, type World } from '../lab/site/index.ts';
import { startJob } from '../lab/site/jobs.ts';
import { answersTo, codesOf, lookAt, worldIn } from './world.ts';

const NEWEST = 'dump_2026_04_03_00_30.sql.gz';

function world(scenario: string, change: (world: World) => void = () => undefined): World {
  const made = worldIn(`mysql-restore-${scenario}`);
  change(made);
  return made;
}

const look = (of: World, ...words: readonly string[]) => lookAt(of, { runbook: restoreMysql, words });
const saysOf = ({ diagnosis }: Look) => diagnosis.evidence.map(({ says }) => says).join('\n');

/** As where a dump is so large that nobody waits for it. */
function withoutDumps(of: World, ...words: readonly string[]): Promise<Look> {
  const { read } = labTargets(of);
  const tooLarge: Ask = async (command) =>
    command.via === 'ssh' && command.argv.includes('nice')
      ? { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' }
      : read(command);
  return restoreMysql.look(restoreMysql.fromWords(words), readerOver(tooLarge), labSite(of));
}

/** Prometheus does not answer. */
function lookBlindly(of: World, ...words: readonly string[]): Promise<Look> {
  const { read } = labTargets(of);
  const silent: Ask = async (command) =>
    command.via === 'prometheus'
      ? { failed: 'timed-out', says: 'No answer within the deadline.', toDo: 'Look again.' }
      : read(command);
  return restoreMysql.look(restoreMysql.fromWords(words), readerOver(silent), labSite(of));
}

describe('who asks for a restore of MySQL', () => {
  it('sees the age and the size of each dump, and which has a size of its own, also of those that could not be read in time', async () => {
    const seen = await withoutDumps(world('offered'), 'codimd');
    expect(saysOf(seen)).toContain(`${NEWEST}: 2026-04-03 00:30 UTC, 3811904 bytes. What it holds could not be seen now`);
    expect(saysOf(seen)).toContain('dump_2026_03_21_00_30.sql.gz: 2026-03-21');
    expect(saysOf(await withoutDumps(world('constant'), 'codimd'))).toContain('FLAGGED: 13 others have exactly as many bytes');
  });

  it('plans nothing from a dump that could not be read', async () => {
    const seen = await withoutDumps(world('offered'), 'codimd', 'from', NEWEST);
    expect({ codes: codesOf(seen), verdict: verdictOf(seen.diagnosis), steps: stepsOf(seen.plan) }).toEqual({
      codes: [],
      verdict: 'blind',
      steps: [],
    });
  });

  it('is told what marks that this dump was restored already, since rows may be lost again', async () => {
    const seen = await look(world('done'), 'codimd', 'from', NEWEST);
    expect(verdictOf(seen.diagnosis)).toBe('well');
    expect(saysOf(seen)).toContain('DROP DATABASE `codimd_storagebot-3f2a9c81d0-1-restore`');
  });

  it('is told before the swap that nobody is stopped, where nobody is known to use the database', async () => {
    const of = world('offered', (each) => {
      const tables = { ...mysqlDumpOf(0).databases['speedtest'] };
      const made = { tables, bytes: 9_961_472, programs: [], madeOf: NEWEST };
      mysqlOf(each).databases.set('speedtest_storagebot-3f2a9c81d0-1-restore', made);
    });
    const seen = await look(of, 'speedtest', 'from', NEWEST);
    expect(saysOf(seen)).toContain('Nobody is known to use speedtest');
    const [swap, ...more] = stepsOf(seen.plan);
    expect(more).toEqual([]);
    expect(swap?.warnings?.join('\n')).toContain('nobody is stopped');
  });

  it('gets no plan while any member of the group has no room', async () => {
    for (const pod of ['mysql-cluster-0', 'mysql-cluster-1']) {
      const full = world('offered', (each) => Object.assign(memberOf(each, pod), { usedPercent: 99.9 }));
      const seen = await look(full, 'codimd', 'from', NEWEST);
      expect({ codes: codesOf(seen), steps: stepsOf(seen.plan) }).toEqual({
        codes: [`no-room ${pod}`, 'not-restored codimd'],
        steps: [],
      });
    }
  });

  it('waits with each step for a job that has begun to work with the dumps since', async () => {
    for (const scenario of ['offered', 'stopped']) {
      const of = world(scenario);
      const steps = stepsOf((await look(of, 'codimd', 'from', NEWEST)).plan);
      expect(steps.length).toBeGreaterThan(0);
      const flow = { readKBPerS: 0, writeKBPerS: 4_000 };
      startJob(of, { namespace: 'dbaas', name: 'mysql-backup-1', node: 'k8s-node3', claims: ['dbaas-mysql-backup'], flow });
      for (const step of steps) expect(await answersTo(of, step)).toContain('no');
    }
  });

  it('waits with each step that changes something for work that is announced since, and is told where no alert could be seen', async () => {
    for (const scenario of ['offered', 'loaded', 'stopped']) {
      const of = world(scenario);
      const steps = stepsOf((await look(of, 'codimd', 'from', NEWEST)).plan);
      expect(steps.length).toBeGreaterThan(0);
      of.monitoring.firing.push({ alertname: 'NodeMaintenanceStarted', severity: 'info' });
      for (const step of steps) expect(await answersTo(of, step)).toContain('no');
    }
    const blind = await lookBlindly(world('offered'), 'codimd', 'from', NEWEST);
    for (const { warnings } of stepsOf(blind.plan)) expect(warnings?.join('\n')).toContain('Prometheus could not be asked');
    expect(stepsOf(blind.plan)).toHaveLength(2);
  });

  it('sees before anything is made which views and triggers are in the way, and what a person does about them', async () => {
    for (const words of [['codimd'], ['codimd', 'from', NEWEST]]) {
      const { diagnosis, plan } = await look(world('guarded'), ...words);
      expect(stepsOf(plan)).toEqual([]);
      const [found] = diagnosis.findings;
      expect(found?.says).toContain('view latest_notes, trigger no_empty_title of Notes');
      expect(found?.remedy).toContain('--routines --events --triggers codimd');
    }
    const { diagnosis } = await look(world('dumped-view'), 'codimd', 'from', NEWEST);
    expect(diagnosis.findings[0]?.says).toContain('view latest_notes');
  });

  it('sees them also where every table is gone', async () => {
    const of = world('guarded', (each) =>
      mysqlOf(each).databases.set('codimd', { tables: {}, bytes: 0, programs: [['view', 'v', '']] }),
    );
    expect(codesOf(await look(of, 'codimd', 'from', NEWEST))).toContain('has-programs codimd');
  });

  it('holds the database from the first step on: of one database there is one restore at a time', async () => {
    const steps = stepsOf((await look(world('offered'), 'codimd', 'from', NEWEST)).plan);
    for (const { holds } of steps) expect(holds).toContainEqual(changes('database', 'dbaas/mysql-cluster/codimd'));
  });
});
