import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { peer } from '../peers.ts';
import { aroundRsync, at, inCopy, isRoot, run, sql, useVolumes, volumes, write } from './migrate-copy.ts';

const [rsync, sqlite] = [peer('rsync'), peer('sqlite3')];
useVolumes();

describe.skipIf(!rsync.found || !sqlite.found)('a copy of a volume', () => {
  it('has all files, directories and links, with names, modes, owners and times, and tells the counts of both sides', () => {
    mkdirSync(at('empty'));
    mkdirSync(at('a', 'b'), { recursive: true });
    for (const name of [
      'plain',
      'a/b/deep',
      'with space',
      "quote's",
      'double"quote',
      '-rf',
      '*',
      '$(touch x)',
      'new\nline',
      'tab\there',
    ])
      write(name);
    write(Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74]));
    symlinkSync('plain', at('link'));
    symlinkSync('/nowhere/at all', at('a', 'dangling'));
    linkSync(at('plain'), at('a', 'second name'));
    if (isRoot) chownSync(at('plain'), 1_234, 4_321);
    chmodSync(at('plain'), 0o4751);
    chmodSync(at('empty'), 0o2700);
    utimesSync(at('plain'), 1_000_000_000, 1_000_000_000);
    utimesSync(at('a'), 1_100_000_000, 1_100_000_000);
    const { status, stderr, copied } = run();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const counts = { files: 12, directories: 3, links: 2, specials: 0, inodes: 11 };
    expect(copied).toMatchObject({ source: counts, copy: counts, hashed: 12, databases: 0, unchecked: 0, attributes: 'copied' });
    expect(readFileSync(inCopy('new\nline'), 'utf8')).toBe('text of new\nline');
    const [first, second] = [statSync(inCopy('plain')), statSync(inCopy('a', 'second name'))];
    expect(second.ino).toBe(first.ino);
    expect([first.mode & 0o7777, first.mtimeMs, ...(isRoot ? [first.uid, first.gid] : [])]).toEqual([
      0o4751,
      1_000_000_000_000,
      ...(isRoot ? [1_234, 4_321] : []),
    ]);
    expect(statSync(inCopy('a')).mtimeMs).toBe(1_100_000_000_000);
  });

  it('leaves nothing in either volume but the files, and nothing in the place where it worked', () => {
    write('one');
    expect(run().status).toBe(0);
    expect(
      execFileSync('find', [volumes.source, volumes.target, '-mindepth', '1'], { encoding: 'utf8' }).trim().split('\n'),
    ).toEqual([at('one'), inCopy('one')]);
    expect(execFileSync('ls', [volumes.directory], { encoding: 'utf8' }).trim().split('\n')).toEqual([
      'bin',
      'result',
      'source',
      'target',
    ]);
  });

  it('does not count lost+found, which each ext4 has of its own', () => {
    write('one');
    for (const each of [at('lost+found'), inCopy('lost+found')]) mkdirSync(each, { mode: 0o700 });
    expect(run()).toMatchObject({ status: 0, copied: { copy: { files: 1, directories: 0 } } });
    expect(existsSync(inCopy('lost+found'))).toBe(true);
  });

  it('of a large sparse file takes little room', () => {
    write('disk.img', '');
    truncateSync(at('disk.img'), 200_000_000);
    appendFileSync(at('disk.img'), 'end');
    expect(run()).toMatchObject({ status: 0, copied: { copy: { bytes: 200_000_003 } } });
    expect(statSync(inCopy('disk.img')).blocks * 512).toBeLessThan(1_000_000);
  });

  it('makes sockets and pipes anew, and says how many there are', () => {
    write('one');
    execFileSync('mkfifo', [at('pipe')]);
    expect(run()).toMatchObject({ status: 0, copied: { copy: { files: 1, specials: 1 } } });
  });

  it('hashes the databases alone, by their names and by what they begin with, where all would take too long', () => {
    for (const name of ['a', 'b', 'c.db', 'd.sqlite3-wal']) write(name);
    sql(at('plain name'), 'create table t(x)');
    expect(run({ hashed: 10 })).toMatchObject({ status: 0, copied: { hashed: 3, databases: 1 } });
  });

  it('holds databases with their logs as they are in the source, though each was opened and checked in it', () => {
    const crashed = `${at('app.db')}`;
    sql(crashed, 'pragma journal_mode=wal; create table t(x); insert into t values (1)');
    // What a killed application leaves: the rows are in the log alone.
    spawnSync('/bin/bash', [
      '-c',
      `${sqlite.found ? sqlite.path : ''} "$1" "insert into t values (2)" ".shell cp '$1' '$2'" ".shell cp '$1-wal' '$2-wal'"`,
      'x',
      crashed,
      at('killed.db'),
    ]);
    expect(existsSync(at('killed.db-wal'))).toBe(true);
    const { status, stderr, copied } = run();
    expect({ status, stderr, copied }).toMatchObject({ status: 0, stderr: '', copied: { databases: 2 } });
    expect(readFileSync(inCopy('killed.db-wal'))).toEqual(readFileSync(at('killed.db-wal')));
    expect(sql(inCopy('killed.db'), 'select count(*) from t')).toBe('2\n');
  });
});

describe.skipIf(!rsync.found || !sqlite.found)('lists of access and extended attributes', () => {
  it('that one side refuses are left out, and that is told', () => {
    write('a');
    const says = 'rsync: [receiver] set_acl: sys_acl_set_file(a, ACL_TYPE_ACCESS): Operation not supported (95)';
    const programs = aroundRsync(`case " $* " in *" -AX "*) echo "${says}" >&2; exit 23;; esac`);
    expect(run({ programs })).toMatchObject({ status: 0, copied: { attributes: 'refused' } });
  });

  it('that NFS does not show are told as hidden', () => {
    write('a');
    const stat = execFileSync('which', ['stat'], { encoding: 'utf8' }).trim();
    const programs = { stat: `#!/bin/sh\n[ "$1" = -f ] && { echo nfs; exit; }\nexec ${stat} "$@"\n` };
    expect(run({ programs })).toMatchObject({ status: 0, copied: { attributes: 'hidden' } });
  });
});
