import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MIGRATE_COPY } from '../../src/commands/copy-scripts.ts';
import { peer } from '../peers.ts';
import { aroundRsync, at, inCopy, isRoot, OWN, refusal, run, sql, useVolumes, volumes, write } from './migrate-copy.ts';

const [rsync, sqlite] = [peer('rsync'), peer('sqlite3')];
/** `nobody`, who may not read everything. */
const NOBODY = 65_534;
useVolumes();

describe.skipIf(!rsync.found || !sqlite.found)('no copy counts as one', () => {
  const inTarget = (command: string) => aroundRsync('', `cd "${volumes.target}"; if [ "$nth" = 1 ]; then ${command}; fi`);

  it('of nothing: 0 = 0 is what an empty mount looks like', () => {
    mkdirSync(at('only a directory'));
    expect(run()).toMatchObject(refusal('0 files in the source: 0 = 0 proves nothing'));
  });

  it.each([
    [
      'a file that was changed in place, to the same size and time',
      'touch -r a keep; printf X | dd of=a conv=notrunc status=none; touch -r keep a; rm keep; touch -r "$OLDPWD/../x" . 2>/dev/null; touch -d @1500000000 .',
      /Files read otherwise than they were written: .*\.\/a/,
    ],
    ['a file that is missing', 'rm a', 'all of the copy: 1 '],
    ['a file too many', 'echo > more', 'all of the copy: 3 '],
    ['a mode', 'chmod 0600 a', /The copy is not the same:  f 600 .*\/a/],
    ['a time', 'touch -d @1 a', /The copy is not the same:  f .* 1970-01-01 .*\/a/],
    [
      'a link that points elsewhere',
      'ln -sfn b link; touch -h -d @1400000000 link; touch -d @1500000000 .',
      'The copy is not the same:',
    ],
    ['two files that were one', 'cp -p a x; mv x a; touch -d @1500000000 .', 'all of the copy: 2 0 1 0 2 '],
  ])('that differs in %s once rsync has ended', (_what, command, says) => {
    write('a', 'aaaa');
    write('b', 'bbbb');
    rmSync(at('b'));
    linkSync(at('a'), at('b'));
    symlinkSync('a', at('link'));
    execFileSync('touch', ['-h', '-d', '@1400000000', at('link')]);
    execFileSync('touch', ['-d', '@1500000000', volumes.source]);
    expect(run({ programs: inTarget(command) })).toMatchObject(refusal(says));
  });

  it('whose source changed meanwhile', () => {
    write('a');
    expect(run({ programs: aroundRsync('', `if [ "$nth" = 1 ]; then echo > "${at('late')}"; fi`) })).toMatchObject(
      refusal('The source changed while it was copied'),
    );
  });

  it.each([23, 24])('where rsync ends with %i: a part is a failure, since nobody writes', (code) => {
    write('a');
    expect(run({ programs: aroundRsync(`exit ${code}`) })).toMatchObject(refusal('rsync could not copy all'));
  });

  it('where a file cannot be read', () => {
    write('a');
    write('secret');
    chmodSync(at('secret'), 0);
    if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, volumes.directory]);
    expect(run(isRoot ? { uid: NOBODY } : {})).toMatchObject(refusal('Permission denied'));
  });

  it('over what somebody put into the new volume', () => {
    write('a');
    writeFileSync(inCopy('of somebody'), 'only copy');
    expect(run()).toMatchObject(refusal(/The new volume is not empty.*of somebody/));
    expect(readFileSync(inCopy('of somebody'), 'utf8')).toBe('only copy');
  });

  it('of a volume into itself', () => {
    write('a');
    volumes.target = volumes.source;
    expect(run()).toMatchObject(refusal('one directory'));
  });

  it('of what a repair of the file system put into lost+found', () => {
    write('a');
    mkdirSync(at('lost+found'));
    write('lost+found/#12');
    expect(run()).toMatchObject(refusal('lost+found of the source holds'));
  });

  it('of a damaged database: it is not taken along', () => {
    sql(at('app.db'), 'create table t(x); create index i on t(x); insert into t select value from generate_series(1, 9000)');
    const bytes = readFileSync(at('app.db'));
    writeFileSync(at('app.db'), bytes.fill(0x55, 8_192, 20_000));
    expect(run()).toMatchObject(
      refusal(/A database is damaged, in the source as in its copy: \.\/app\.db: .*(malformed|Tree|btree|code 11)/i),
    );
  });

  it('where the image lacks a program', () => {
    write('a');
    const env = { PATH: join(volumes.directory, 'none'), SHLVL: '1' };
    mkdirSync(env.PATH);
    for (const name of ['mktemp', 'rm', 'rsync'])
      symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(env.PATH, name));
    const words = [
      '-euo',
      'pipefail',
      '-c',
      MIGRATE_COPY.text,
      MIGRATE_COPY.name,
      volumes.source,
      volumes.target,
      '1',
      join(volumes.directory, 'result'),
      OWN,
      '0',
    ];
    const { status, stderr } = spawnSync('/bin/bash', words, { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'The image has no sqlite3\n' });
  });

  it.each([
    ['1.3 times the bytes', 'avail itotal iavail\\n5000 100000 90000', /5000 bytes for files, and 5324 are needed/],
    ['the names', 'avail itotal iavail\\n9000000 10 0', /room for 0 names, and the source has 1/],
  ])('where the new volume has no room for %s', (_what, printed, says) => {
    write('a');
    expect(run({ programs: { df: `#!/bin/sh\nprintf '${printed}\\n'\n` } })).toMatchObject(refusal(says));
  });
});

/** Only where this user may mount: then a volume that fills up is a real one. */
const mounts =
  isRoot &&
  spawnSync('/bin/bash', ['-c', 'd=$(mktemp -d) && mount -t tmpfs -o size=64k none "$d" && umount "$d"; rmdir "$d"']).status ===
    0;

describe.skipIf(!rsync.found || !sqlite.found || !mounts)(
  'a new volume that fills up (only where this user may mount a tmpfs)',
  () => {
    it('is a failure with the words of rsync', () => {
      write('a', 'x'.repeat(3_000_000));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', volumes.target]);
      try {
        expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('bytes for files, and') });
        const lies = { df: "#!/bin/sh\nprintf 'avail itotal iavail\\n900000000 100000 90000\\n'\n" };
        expect(run({ programs: lies })).toMatchObject({ status: 1, stderr: expect.stringContaining('No space left on device') });
      } finally {
        execFileSync('umount', [volumes.target]);
      }
    });
  },
);
