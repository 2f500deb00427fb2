import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { COPY_MARK } from '../../src/commands/copy-scripts.ts';
import { sampled } from '../depth.ts';
import { peer } from '../peers.ts';
import { aroundRsync, at, FAILED, inCopy, OWN, refusal, run, sql, useVolumes, volumes, write } from './migrate-copy.ts';

// What a copy may be taken up from: its own half, and never what an application has used.

const [rsync, sqlite] = [peer('rsync'), peer('sqlite3')];
const MARK = COPY_MARK;
/** That no file is newer than: only the mark decides. */
const FOR_EVER = Date.now() / 1_000 + 1_000_000;
useVolumes();

const marked = () => existsSync(inCopy(MARK));

function fill(): void {
  mkdirSync(at('sub'));
  for (const name of ['a', 'b', 'sub/c']) write(name);
  linkSync(at('a'), at('sub', 'a again'));
  symlinkSync('a', at('link'));
  sql(at('app.db'), 'create table t(x); insert into t values (1)');
  execFileSync('touch', ['-h', '-d', '@1500000000', at('link'), at('sub'), volumes.source]);
}

/** Names, types, modes, times and what is in them. */
function contentOf(directory: string): Readonly<Record<string, string>> {
  const names = ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })].filter((name) => name !== MARK);
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const path = join(directory, name);
      const { mode, mtimeMs } = lstatSync(path);
      return [name, `${mode} ${mtimeMs} ${lstatSync(path).isFile() ? readFileSync(path, 'latin1') : ''}`];
    }),
  );
}

const WRAPPED = ['cmp', 'comm', 'find', 'rm', 'rsync', 'sha256sum', 'sort', 'sqlite3', 'sync', 'touch'];
const pathOf = (name: string) => execFileSync('which', [name], { encoding: 'utf8' }).trim();

/** All programs that read or write files, and signal 9 for everything when the nth of them begins or has ended. */
function killedAt(nth: number, when: 'before' | 'after'): Record<string, string> {
  const calls = join(volumes.directory, 'calls');
  rmSync(calls, { recursive: true, force: true });
  mkdirSync(calls);
  // Two of a pipe begin at once: each takes the first number that is free.
  const count = `n=1; until (set -C; : > ${calls}/$n) 2> /dev/null; do n=$((n + 1)); done`;
  const kill = `[ "$n" != ${nth} ] || kill -9 0`;
  const body = (path: string) => (when === 'before' ? `${kill}\nexec ${path} "$@"` : `${path} "$@"; e=$?\n${kill}\nexit $e`);
  return Object.fromEntries(WRAPPED.map((name) => [name, `#!/bin/bash\n${count}\n${body(pathOf(name))}\n`]));
}

function callsOfOne(): number {
  fill();
  expect(run({ programs: killedAt(-1, 'before') })).toMatchObject({ status: 0, stderr: '' });
  return readdirSync(join(volumes.directory, 'calls')).length;
}

/** What a copy left in an empty target that was killed there. */
function leftBy(nth: number, when: 'before' | 'after'): 'empty' | 'marked' | 'whole' {
  rmSync(volumes.target, { recursive: true });
  mkdirSync(volumes.target);
  expect(run({ own: FAILED, programs: killedAt(nth, when) }).status).toBe(null);
  const left = readdirSync(volumes.target);
  return left.length === 0 ? 'empty' : left.includes(MARK) ? 'marked' : 'whole';
}

describe.skipIf(!rsync.found || !sqlite.found)('a copy that failed', () => {
  it('is taken up where it was killed, wherever that was; and is marked there unless it is whole or has not begun', () => {
    const calls = callsOfOne();
    expect(calls).toBeGreaterThan(25);
    const whole = contentOf(volumes.source);
    const faults = sampled(
      Array.from({ length: calls }, (_, index) => index + 1),
      8,
    ).flatMap((nth) => (['before', 'after'] as const).map((when) => ({ nth, when })));
    const ends = faults.map(({ nth, when }) => {
      const left = leftBy(nth, when);
      const { status, stderr, copied } = run({ own: OWN, failed: [FAILED] });
      const isWhole = JSON.stringify(contentOf(volumes.target)) === JSON.stringify(whole);
      const says = stderr.startsWith('The new volume is not empty and is no half copy') ? 'not empty' : stderr;
      const names = Object.keys(contentOf(volumes.target)).join();
      return { at: `${when} ${nth}`, left, status, says, files: copied?.copy.files, isWhole, names, isMarked: marked() };
    });
    const names = Object.keys(whole).join();
    const after = { status: 0, says: '', files: 5, isWhole: true, names, isMarked: false };
    // Only the time of its directory may not be that of the source yet, where it lost its mark.
    const refused = { status: 1, says: 'not empty', files: undefined, names, isMarked: false };
    for (const end of ends) expect(end).toMatchObject(end.left === 'whole' ? refused : after);
    const count = (kind: string) => ends.filter(({ left }) => left === kind).length;
    expect(count('marked')).toBeGreaterThan(count('empty') + count('whole'));
  }, 300_000);

  it('loses what only the half copy had, and is taken up by a third where the second was killed as well', () => {
    fill();
    const kill = aroundRsync('', 'kill -9 0');
    run({ own: FAILED, programs: kill });
    writeFileSync(inCopy('of half a file'), '');
    run({ own: 'storagebot-1-3-copy of source-uid', failed: [FAILED], programs: kill });
    expect(readFileSync(inCopy(MARK), 'utf8')).toBe(`${FAILED}\nstoragebot-1-3-copy of source-uid\n`);
    expect(existsSync(inCopy('of half a file'))).toBe(false);
    expect(run({ failed: ['storagebot-1-3-copy of source-uid', FAILED] })).toMatchObject({ status: 0 });
    expect(contentOf(volumes.target)).toEqual(contentOf(volumes.source));
  });

  it('has its mark on the disk before the first byte, keeps it through rsync --delete, and loses it last and for good', () => {
    fill();
    const log = join(volumes.directory, 'log');
    const told = (name: string) =>
      `#!/bin/bash\necho "${name}: $* $([ -e "${inCopy(MARK)}" ] && echo marked) $(ls "${volumes.target}" | wc -l)" >> "${log}"\nexec ${pathOf(name)} "$@"\n`;
    const programs = Object.fromEntries(['rsync', 'sync', 'sqlite3', 'touch'].map((name) => [name, told(name)]));
    expect(run({ programs })).toMatchObject({ status: 0, stderr: '' });
    const lines = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(volumes.directory, ''));
    expect(lines[0]).toBe(`sync: /target/${MARK} /target marked 0`);
    expect(lines[1]).toMatch(/^rsync: .* marked 0$/);
    expect(lines.slice(1, -2).every((line) => / marked \d+$/.test(line))).toBe(true);
    expect(lines.slice(-2)).toEqual(['touch: -r /source /target  5', 'sync: -f /target  5']);
    expect(statSync(volumes.target).mtimeMs).toBe(1_500_000_000_000);
  });

  it('is one also where all was compared, and its mark could not be taken away', () => {
    fill();
    const rm = `#!/bin/bash\ncase "$*" in *${MARK}*) echo "rm: Read-only file system" >&2; exit 1;; esac\nexec ${pathOf('rm')} "$@"\n`;
    expect(run({ programs: { rm } })).toMatchObject(refusal('The mark of an unfinished copy could not be taken out'));
    expect(marked()).toBe(true);
  });

  it('leaves no mark where it refused before it wrote anything', () => {
    mkdirSync(at('only a directory'));
    expect(run()).toMatchObject(refusal('0 files in the source'));
    expect(readdirSync(volumes.target)).toEqual([]);
  });
});

describe.skipIf(!rsync.found || !sqlite.found)('nothing is written over or deleted', () => {
  const USED = 'what the application wrote since';
  beforeEach(() => {
    fill();
    expect(run({ own: FAILED, programs: aroundRsync('', 'kill -9 0') }).status).toBe(null);
    expect(marked()).toBe(true);
  });

  function usedBy(change: () => void): Readonly<Record<string, string>> {
    change();
    writeFileSync(inCopy('a'), USED);
    writeFileSync(inCopy('upload'), USED);
    return contentOf(volumes.target);
  }

  /** How the copy ended, and what is in the target now. */
  const copyOver = (given: Parameters<typeof run>[0]) => ({ ...run(given), content: contentOf(volumes.target) });
  const kept = (content: Readonly<Record<string, string>>, says: string | RegExp) => ({ ...refusal(says), content });

  it('that was used since another copy was completed, though the Job of that is gone and that of the failed one is not', () => {
    const before = usedBy(() => expect(run({ own: OWN, failed: [FAILED] }).status).toBe(0));
    const given = { own: 'storagebot-9-2-copy of source-uid', failed: [FAILED], since: FOR_EVER };
    expect(copyOver(given)).toMatchObject(kept(before, /The new volume is not empty and is no half copy, .*put there: .*upload/));
  });

  it('that somebody used by hand, as half a copy as it was', () => {
    const since = Date.now() / 1_000;
    spawnSync('sleep', ['0.1']);
    const before = usedBy(() => undefined);
    expect(copyOver({ failed: [FAILED], since })).toMatchObject(
      kept(before, /not empty: somebody changed files in it after the copy had failed.*upload/),
    );
    expect(marked()).toBe(true);
  });

  it.each([
    ['of no Job that is known', []],
    ['of another Job than those that are known', ['storagebot-7-2-copy of source-uid']],
    ['of another claim that had the name of the source', [FAILED.replace('source-uid', 'another-uid')]],
  ])('that is the half copy %s', (_what, failed) => {
    const before = usedBy(() => undefined);
    expect(copyOver({ failed, since: FOR_EVER })).toMatchObject(
      kept(before, `it is the half copy of ${FAILED}, which is none of the failed Jobs`),
    );
  });

  it('where the mark is a link to somewhere else', () => {
    const before = usedBy(() => {
      writeFileSync(join(volumes.directory, 'elsewhere'), `${FAILED}\n`);
      rmSync(inCopy(MARK));
      symlinkSync(join(volumes.directory, 'elsewhere'), inCopy(MARK));
    });
    expect(copyOver({ failed: [FAILED], since: FOR_EVER })).toMatchObject(kept(before, 'is no half copy'));
    expect(readFileSync(join(volumes.directory, 'elsewhere'), 'utf8')).toBe(`${FAILED}\n`);
  });

  it('where the source has such a mark: then it is a half copy itself', () => {
    const before = usedBy(() => write(MARK, `${FAILED}\n`));
    expect(copyOver({ failed: [FAILED], since: FOR_EVER })).toMatchObject(
      kept(before, `The source has a file ${MARK}: it is a half copy itself`),
    );
  });
});
