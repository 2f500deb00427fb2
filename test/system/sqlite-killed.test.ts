import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leftOut, sampled } from '../depth.ts';
import { peer } from '../peers.ts';
import { addApplication, addBackup, contentOf, keptIn, newStand, restoreWords, run, type Stand, sqlite } from './sqlite-stand.ts';

// Killed with -9 instead of each program that a script runs and that can change a file.

const found = peer('sqlite3');
const STAMP = 'storagebot-1-1-restore';

/** At full depth some seventy runs, each of them twice. */
const WITHIN_MS = 300_000;

type Content = Readonly<Record<string, string>>;

interface Case {
  readonly name: 'restore' | 'back';
  readonly stand: Stand;
  readonly words: readonly string[];
  readonly from: Content;
  readonly to: Content;
  readonly programs: number;
}

/** A stand before the script, and what it leads to; its data are copied for each fault. */
function prepared(name: Case['name']): Case {
  const stand = newStand();
  addApplication(stand);
  const backup = addBackup(stand, '2026_04_03_06_00', 3);
  const words = name === 'restore' ? restoreWords(backup) : [STAMP];
  if (name === 'back') {
    run(stand, 'restore', restoreWords(backup));
    sqlite(join(stand.data, 'db.sqlite3'), "INSERT INTO users VALUES (99, 'since')");
  }
  const from = contentOf(stand.data);
  cpSync(stand.data, join(stand.root, 'kept'), { recursive: true, preserveTimestamps: true });
  const { exitCode, programs } = run(stand, name, words);
  expect(exitCode).toBe(0);
  const to = contentOf(stand.data);
  expect(to).not.toEqual(from);
  return { name, stand, words, from, to, programs };
}

function killedAt({ stand, name, words }: Case, fault: number): void {
  rmSync(stand.data, { recursive: true });
  cpSync(join(stand.root, 'kept'), stand.data, { recursive: true, preserveTimestamps: true });
  expect(run(stand, name, words, fault).exitCode).toBe(null);
}

const NAMES = ['restore', 'back'] as const;

describe.skipIf(!found.found).each(NAMES)('%s', (name) => {
  let prepare: Case;
  beforeAll(() => {
    prepare = prepared(name);
  });
  afterAll(() => prepare.stand[Symbol.dispose]());

  it(
    'is whole before or after when it is run once more, wherever it was killed',
    () => {
      const ends = new Set<string>();
      for (const fault of faultsOf(prepare)) {
        killedAt(prepare, fault);
        ends.add(stateOf(prepare));
        const again = run(prepare.stand, name, prepare.words);
        expect({ fault, exitCode: again.exitCode, content: contentOf(prepare.stand.data) }).toEqual({
          fault,
          exitCode: 0,
          content: prepare.to,
        });
        expect(keptIn(prepare.stand.data).filter((each) => /-new|-between|\.part$/.test(each))).toEqual([]);
      }
      expect([...ends].toSorted()).toEqual(['after', 'before', 'between']);
    },
    WITHIN_MS,
  );

  it(
    'loses nothing of an application that somebody starts where it was killed',
    () => {
      let started = 0;
      for (const fault of faultsOf(prepare)) {
        killedAt(prepare, fault);
        if (stateOf(prepare) !== 'between') continue;
        started += 1;
        const file = join(prepare.stand.data, 'db.sqlite3');
        sqlite(file, 'CREATE TABLE IF NOT EXISTS started(at TEXT)', "INSERT INTO started VALUES ('in between')");
        writeFileSync(join(prepare.stand.data, 'rsa_key.pem'), 'a new key');
        const { exitCode } = run(prepare.stand, name, prepare.words);
        expect({ fault, exitCode, integrity: sqlite(file, 'PRAGMA integrity_check') }).toEqual({
          fault,
          exitCode: 0,
          integrity: 'ok',
        });
        expect(holdsText(prepare.stand.data, 'in between')).toBe(true);
      }
      expect(started).toBeGreaterThan(2);
    },
    WITHIN_MS,
  );

  leftOut(`kills of ${name} at other programs`, '12 of all places were tried');
});

describe.skipIf(!found.found)('a restore that was cut short', () => {
  let prepare: Case;
  beforeAll(() => {
    prepare = prepared('restore');
  });
  afterAll(() => prepare.stand[Symbol.dispose]());

  it(
    'is whole before when it is taken back from where it was killed, once anything was put aside',
    () => {
      const ends = { back: 0, nothing: 0 };
      for (const fault of faultsOf(prepare)) {
        killedAt(prepare, fault);
        const { exitCode, says } = run(prepare.stand, 'back', [STAMP]);
        const end = exitCode === 0 ? 'back' : 'nothing';
        ends[end] += 1;
        expect(says).toContain(
          end === 'back' ? `.${STAMP}-before took its place` : 'nothing was put aside, and nothing is taken back',
        );
        expect({ fault, content: contentOf(prepare.stand.data) }).toEqual({ fault, content: prepare.from });
      }
      expect(Math.min(ends.back, ends.nothing)).toBeGreaterThan(3);
    },
    WITHIN_MS,
  );

  it(
    'is finished by a restore of another name, which has what it was to bring',
    () => {
      for (const fault of faultsOf(prepare)) {
        killedAt(prepare, fault);
        const { exitCode } = run(prepare.stand, 'restore', ['storagebot-2-1-restore', ...prepare.words.slice(1)]);
        expect({ fault, exitCode, content: contentOf(prepare.stand.data) }).toEqual({ fault, exitCode: 0, content: prepare.to });
      }
    },
    WITHIN_MS,
  );
});

/** With the last, after which all is done but said. */
function faultsOf({ programs }: Case): readonly number[] {
  const all = Array.from({ length: programs }, (_, index) => index + 1);
  return [...new Set([...sampled(all, 11), ...all.slice(-1)])];
}

function stateOf({ stand, from, to }: Case): 'before' | 'between' | 'after' {
  const now = JSON.stringify(contentOf(stand.data));
  if (now === JSON.stringify(from)) return 'before';
  return now === JSON.stringify(to) ? 'after' : 'between';
}

function holdsText(directory: string, text: string): boolean {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  return all.some((each) => each.isFile() && readFileSync(join(each.parentPath, each.name)).includes(text));
}
