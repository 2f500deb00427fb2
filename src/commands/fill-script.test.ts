import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FILL_SCRIPT } from './pvc-copies.ts';

// The script as sh runs it; programs that need root note their arguments and end as they are told.

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fill-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const STUB = `#!/bin/sh
name=\${0##*/}
echo "$name $*" >> "$LOG"
case "$name $*" in "rsync "*--dry-run*) printf %s "$DIFFERS"; exit "$COMPARES";; esac
case " $FAILS " in *" $name "*) exit "$WITH";; esac
`;

interface Situation {
  readonly files?: number;
  readonly fails?: string;
  readonly exitCode?: number;
  readonly differs?: string;
  readonly compares?: number;
}

function fill({ files = 1, fails = '', exitCode = 1, differs = '', compares = 0 }: Situation) {
  const [programs, copy, log] = [join(directory, 'bin'), join(directory, 'copy'), join(directory, 'log')];
  mkdirSync(programs);
  mkdirSync(copy);
  writeFileSync(log, '');
  for (let index = 0; index < files; index += 1) writeFileSync(join(copy, `${index}`), '');
  for (const name of ['lvchange', 'mount', 'umount', 'rsync', 'e2fsck', 'sync']) {
    writeFileSync(join(programs, name), STUB);
    chmodSync(join(programs, name), 0o755);
  }
  const words = ['/dev/pve/new', copy, join(directory, 'mounted'), 'a-tag', 'pve/new'];
  const env = {
    PATH: `${programs}:${process.env['PATH']}`,
    LOG: log,
    FAILS: fails,
    WITH: `${exitCode}`,
    DIFFERS: differs,
    COMPARES: `${compares}`,
  };
  const { status } = spawnSync('sh', ['-c', FILL_SCRIPT, 'storagebot', ...words], { env });
  const did = readFileSync(log, 'utf8').trim().split('\n');
  return { status, did, isTagged: did.includes('lvchange --addtag a-tag pve/new') };
}

describe('a volume gets its tag', () => {
  it('once all was written, the file system is whole, and every file is the same when it is read again', () => {
    const { status, did, isTagged } = fill({});
    expect({ status, isTagged }).toEqual({ status: 0, isTagged: true });
    expect(did.map((line) => line.split(' ')[0])).toEqual([
      'lvchange',
      'mount',
      'rsync',
      'sync',
      'umount',
      'e2fsck',
      'mount',
      'rsync',
      'umount',
      'lvchange',
    ]);
  });

  it.each<[string, Situation]>([
    ['the copy holds no file', { files: 0 }],
    ['it cannot be activated', { fails: 'lvchange' }],
    ['it cannot be mounted', { fails: 'mount', exitCode: 32 }],
    ['rsync could not copy some files', { fails: 'rsync', exitCode: 23 }],
    ['files vanished while rsync read them', { fails: 'rsync', exitCode: 24 }],
    ['the kernel could not write all of it', { fails: 'sync' }],
    ['it cannot be unmounted', { fails: 'umount', exitCode: 32 }],
    ['its file system is damaged', { fails: 'e2fsck', exitCode: 4 }],
    ['a file reads otherwise than it was written', { differs: '>fc........ db.sqlite3\n' }],
    ['the comparison ends early', { compares: 24 }],
  ])('and not where %s', (_what, situation) => {
    const { status, isTagged } = fill(situation);
    expect(isTagged).toBe(false);
    expect(status).not.toBe(0);
  });

  it('nothing is mounted for a copy without a file', () => {
    expect(fill({ files: 0 }).did).toEqual(['']);
  });
});
