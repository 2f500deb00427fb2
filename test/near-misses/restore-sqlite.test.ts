import { describe, expect, it } from 'vitest';
import { dated } from '../../runbooks/restore-sqlite/gather.ts';
import restoreSqlite from '../../runbooks/restore-sqlite/index.ts';
import { verdictOf } from '../../src/core/finding.ts';
import { stepsOf } from '../../src/core/plan.ts';
import { VAULT } from '../lab/scenarios/block-changes.ts';
import { podOf } from '../lab/scenarios/changes.ts';
import { setFile } from '../lab/scenarios/sqlite-changes.ts';
import { sqliteOf } from '../lab/site/databases/sqlite.ts';
import type { World } from '../lab/site/index.ts';
import { kind } from '../lab/site/volumes.ts';
import { answersTo, changesOf, codesOf, lookAt, PODS, worldIn } from './world.ts';

const JOBS = kind('batch/v1', 'jobs');
const JOB = 'storagebot-3f2a9c81d0-2-restore';
const FROM = ['vaultwarden', 'from', '2026_04_03_06_00'] as const;

function look(scenario: string, change: (world: World) => void, words: readonly string[] = FROM) {
  const world = worldIn(`sqlite-restore-${scenario}`);
  change(world);
  return lookAt(world, { words, runbook: restoreSqlite });
}

describe('no restore is planned', () => {
  it('from what lies in a directory in which the volume is not mounted, damaged or not', async () => {
    const seen = await look('damaged', (world) => {
      const { uid } = podOf(world, VAULT).metadata;
      for (const { mounts } of world.nodes.values()) {
        const index = mounts.findIndex(({ podUid }) => podUid === uid);
        if (index >= 0) mounts.splice(index, 1);
      }
    });
    expect(verdictOf(seen.diagnosis)).toBe('blind');
    expect(changesOf(seen)).toEqual([]);
  });

  it('for a database that a sqlite3 which is too old calls malformed', async () => {
    const seen = await look('whole', (world) => {
      const says = 'malformed database schema (users) - unknown table option: STRICT';
      sqliteOf(world, 'vaultwarden').database.fails = { code: 11, says };
    });
    expect(verdictOf(seen.diagnosis)).toBe('blind');
    expect(changesOf(seen)).toEqual([]);
  });

  it('from a backup without a byte, not even where somebody says "anyway"', async () => {
    const seen = await look(
      'damaged',
      ({ databases: { backups } }) => {
        for (const [path, backup] of backups ?? []) backups?.set(path, { ...backup, bytes: 0 });
      },
      [...FROM, 'anyway'],
    );
    expect(codesOf(seen)).toEqual(['backup-unfit 2026_04_03_06_00']);
  });

  it('for a file without a byte unless somebody says "anyway": "ok" is what SQLite calls it', async () => {
    const empty = (world: World) => void Object.assign(sqliteOf(world, 'vaultwarden').file, { bytes: 0 });
    expect(codesOf(await look('whole', empty))).toEqual(['no-table vaultwarden']);
    expect(codesOf(await look('whole', empty, ['vaultwarden']))).toEqual(['no-table vaultwarden']);
    expect(codesOf(await look('whole', empty, [...FROM, 'anyway']))).toEqual(['not-restored vaultwarden']);
  });
});

it('a backup is as old as the database in it, whatever was done to its directory since', () => {
  const of = (name: string, modifiedAt: number, isDirectory: boolean) => ({
    name,
    path: `/b/${name}`,
    bytes: 9,
    modifiedAt,
    isDirectory,
  });
  const list = [of('old', 900, true), of('new', 500, true), of('bare', 600, true), of('note.txt', 999, false)];
  const databases = [of('old/db.sqlite3', 100, false), of('new/db.sqlite3', 500, false)];
  expect(dated(list, databases).map(({ name, modifiedAt }) => `${name} ${modifiedAt}`)).toEqual([
    'bare 600',
    'new 500',
    'old 100',
  ]);
});

describe('a restore that was begun', () => {
  it('goes on when a person deleted its Jobs while everybody is stopped: what it put there is put aside once more', async () => {
    const seen = await look('placed', ({ store }) => {
      for (const { metadata } of store.list({ resource: JOBS, namespace: 'vaultwarden' }))
        store.delete({ resource: JOBS, namespace: 'vaultwarden', name: metadata.name }, {});
    });
    expect(codesOf(seen)).toEqual(['not-restored vaultwarden']);
    expect(changesOf(seen).join()).toContain('sqlite-restore');
  });

  it('is not done again when a person deleted its Jobs and it runs: the database is whole', async () => {
    const seen = await look('done', ({ store }) => {
      for (const { metadata } of store.list({ resource: JOBS, namespace: 'vaultwarden' }))
        store.delete({ resource: JOBS, namespace: 'vaultwarden', name: metadata.name }, {});
    });
    expect(codesOf(seen)).toEqual(['intact vaultwarden']);
    expect(changesOf(seen)).toEqual([]);
  });

  it('is asked for anew where the file it had restored is gone, and not taken for done', async () => {
    const gone = (world: World) => {
      for (const end of ['-wal', '-shm', '']) setFile(world, 'vaultwarden', end, undefined);
    };
    expect(codesOf(await look('done', gone))).toEqual(['no-table vaultwarden']);
    expect(changesOf(await look('done', gone, [...FROM, 'anyway']))).toHaveLength(2);
  });
});

describe('who was stopped for a restore whose Job failed is started again by the undo', () => {
  it.each([
    ['only if the Job said that it changed nothing', 'The backup is not whole. Nothing was changed.', 'yes'],
    ['not if it had begun to move files', 'It ended with 1. Nothing else was changed.', 'no'],
    ['not if it said nothing, as one that was killed', '', 'no'],
  ])('%s', async (_what, message, expected) => {
    const [step] = stepsOf((await look('damaged', () => {})).plan);
    const world = worldIn('sqlite-restore-failed');
    const pods = world.store.list({ resource: PODS, namespace: 'vaultwarden' });
    const pod = pods.find(({ metadata }) => metadata.labels?.['storagebot/work'] === JOB);
    if (step === undefined || 'none' in step.undo || pod === undefined) throw new Error('nothing to take back');
    const containerStatuses = [{ name: 'work', state: { terminated: { exitCode: 1, message } } }];
    world.store.patch({ resource: PODS, namespace: 'vaultwarden', name: pod.metadata.name }, { status: { containerStatuses } });
    const [, isAsBefore] = await answersTo(world, { ...step, before: step.undo.before });
    expect(isAsBefore).toBe(expected);
  });
});

describe('the words of a request', () => {
  const sense = (...words: readonly string[]) => restoreSqlite.params.safeParse(restoreSqlite.fromWords(words));
  const saysOf = (...words: readonly string[]) => JSON.stringify(sense(...words).error?.issues.map(({ message }) => message));

  it.each([
    [['postgress', 'linkwarden']],
    [['vaultwarden', 'reindex', '2026_04_03_06_00']],
    [['vaultwarden', '2026_04_03_06_00']],
    [[]],
  ])('%j are refused, and say which other restores there are', (words) => {
    expect(saysOf(...words)).toContain('restore postgres');
  });

  it('that name another thing than a SQLite database are told what there is', async () => {
    const asked = look('whole', () => {}, ['postgress']);
    await expect(asked).rejects.toThrow('site.databases.sqlite has vaultwarden, headscale. Did you mean postgres?');
  });
});
