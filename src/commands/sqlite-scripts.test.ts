import { describe, expect, it } from 'vitest';
import { putSqliteBack, reindexSqlite, restoreSqlite, sqliteJobs, sqliteJobsWithoutEffect } from './sqlite-scripts.ts';
import type { StartedWork } from './work-unit.ts';

const NAME = 'storagebot-3f2a9c81d0-2-restore';
const work = {
  namespace: 'vaultwarden',
  name: NAME,
  deadlineS: 3_600,
  image: 'registry.example.org/tools:1',
  claim: 'vaultwarden-data-proxmox',
  file: 'data/db.sqlite3',
  stamp: NAME,
};
const restore = {
  ...work,
  backupClaim: 'vaultwarden-backup',
  from: '2026_04_03_06_00',
  rows: { users: 4, from: 2 },
  needs: ['from'],
  mayHave: ['attachments'],
};

/** The Job as the API server has it. */
function objectOf({ change }: StartedWork, createdAt: string, condition?: string) {
  const { command } = change;
  if (command.via !== 'kubernetes' || command.request.verb !== 'create') throw new Error('no Job');
  const { name, namespace, spec } = command.request;
  const status = condition === undefined ? {} : { conditions: [{ type: condition, status: 'True' }] };
  return { metadata: { name, namespace, creationTimestamp: createdAt }, spec, status };
}

function parsed(...items: readonly unknown[]) {
  return sqliteJobs('vaultwarden').parse({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' });
}

describe('a Job of the bot', () => {
  it('is read back as it was made, the oldest first', () => {
    const back = putSqliteBack({ ...work, name: 'storagebot-3f2a9c81d0-3-back' });
    const index = reindexSqlite({ ...work, name: 'storagebot-3f2a9c81d0-4-reindex', tables: ['users'] });
    const about = { claim: work.claim, file: work.file, stamp: NAME };
    expect(
      parsed(
        objectOf(back, '2026-04-03T09:05:00Z', 'Failed'),
        objectOf(restoreSqlite(restore), '2026-04-03T09:00:00Z', 'Complete'),
        objectOf(index, '2026-04-03T09:06:00Z'),
      ),
    ).toEqual([
      { ...about, name: NAME, does: 'restore', from: '2026_04_03_06_00', state: 'succeeded', createdAt: 1_775_206_800 },
      { ...about, name: 'storagebot-3f2a9c81d0-3-back', does: 'back', state: 'failed', createdAt: 1_775_207_100 },
      { ...about, name: 'storagebot-3f2a9c81d0-4-reindex', does: 'reindex', state: 'running', createdAt: 1_775_207_160 },
    ]);
  });

  it('with another script is none of these, and one without a database is an error', () => {
    const made = objectOf(restoreSqlite(restore), '2026-04-03T09:00:00Z');
    const text = JSON.stringify(made);
    expect(parsed(JSON.parse(text.replace('"sqlite-restore"', '"another-script"')))).toEqual([]);
    expect(() => parsed(JSON.parse(text.replace('"/data/data/db.sqlite3"', '"/elsewhere"')))).toThrow('has no database');
  });

  it('that failed is known to have changed nothing only where its pod is there and says so', () => {
    const pod = (work: string, message?: string) => ({
      metadata: { labels: { 'storagebot/work': work } },
      status: { containerStatuses: [{ state: message === undefined ? { running: {} } : { terminated: { message } } }] },
    });
    const items = [
      pod('storagebot-1', 'The backup is not whole: Page 3. Nothing was changed.\n'),
      pod('storagebot-2', '/data/.storagebot-1-new took its place'),
      pod('storagebot-3', 'It ended with 1. Nothing else was changed.'),
      pod('storagebot-4'),
      { metadata: {}, status: {} },
    ];
    const read = sqliteJobsWithoutEffect('vaultwarden');
    expect(read.parse({ exitCode: 0, stdout: JSON.stringify({ items }), stderr: '' })).toEqual(new Set(['storagebot-1']));
  });

  it('never has the volume of the backups as the one that it changes, nor a path that leads out of them', () => {
    expect(() => restoreSqlite({ ...restore, backupClaim: work.claim })).toThrow('are in the same volume');
    for (const from of ['..', '../x', '.hidden', '-x', 'a/b', ''])
      expect(() => restoreSqlite({ ...restore, from })).toThrow('no name of a backup');
    for (const stamp of ['', 'other', '../x', 'storagebot-A'])
      expect(() => putSqliteBack({ ...work, stamp })).toThrow('no name of work');
  });
});
