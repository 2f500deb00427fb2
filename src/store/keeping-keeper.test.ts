import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeeper, type Keeper } from './keeping-keeper.ts';

let directory: string;
let logged: string[];
let keeper: Keeper;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-keeper-'));
  logged = [];
  const note = (_fields: unknown, message: string) => void logged.push(message);
  keeper = createKeeper({ directory, log: { info: note, error: note }, probeMs: 20 });
  keeper.start();
});
afterEach(async () => {
  await keeper.stop();
  rmSync(directory, { recursive: true, force: true });
});

const sqlite = (errcode: number) => Object.assign(new Error('SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
const system = (code: string) => Object.assign(new Error(code), { code });

describe('a write that failed', () => {
  test.each([
    ['SQLITE_FULL', sqlite(13), /is full/],
    ['SQLITE_READONLY, with its detail', sqlite(1_032), /cannot be written: it is mounted read-only/],
    ['ENOSPC', system('ENOSPC'), /is full/],
    ['EDQUOT', system('EDQUOT'), /is full/],
    ['EROFS', system('EROFS'), /cannot be written/],
  ])('by %s is told of, and forgotten once the disk can be written', async (_name, error, words) => {
    expect(keeper.noteFailure(error)).toBe(true);
    expect(keeper.problem()).toMatch(words);
    await vi.waitFor(() => expect(keeper.problem()).toBeUndefined());
    expect(logged).toEqual([expect.stringMatching(words), 'the state can be written again']);
    expect(existsSync(join(directory, 'write-probe'))).toBe(false);
  });

  test.each([
    ['SQLITE_IOERR, with its detail', sqlite(778), /reports read or write errors/],
    ['SQLITE_CORRUPT', sqlite(11), /is damaged/],
    ['SQLITE_NOTADB', sqlite(26), /is damaged/],
    ['EIO', system('EIO'), /reports read or write errors/],
  ])('by %s is told of until the state was looked at again', async (_name, error, words) => {
    expect(keeper.noteFailure(error)).toBe(true);
    keeper.noteFailure(sqlite(13));
    await new Promise((passed) => setTimeout(passed, 100));
    expect(keeper.problem()).toMatch(words);
  });

  test.each([
    ['a constraint', sqlite(1_555)],
    ['a busy database', sqlite(5)],
    ['a fault of the program', new TypeError('undefined')],
    ['no error', 'text'],
  ])('by %s says nothing about the disk', (_name, error) => {
    expect(keeper.noteFailure(error)).toBe(false);
    expect(keeper.problem()).toBeUndefined();
  });
});
