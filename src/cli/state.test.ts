import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockState } from '../engine/lock.ts';
import { openDatabase } from '../store/database.ts';
import { addFinishedRuns, addRunWithSteps } from '../store/fixtures/journal.ts';
import { checkFile } from '../store/keeping-check.ts';
import { copyJournal } from '../store/keeping-copies.ts';
import { state } from './state.ts';

let directory: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-state-'));
  const database = openDatabase(directory);
  addFinishedRuns(database, 3);
  addRunWithSteps(database, 'r1', ['approved']);
  database.close();
  await copyJournal(directory, Date.now() - 7_200_000, checkFile);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function storagebot(...words: string[]) {
  const printed: string[] = [];
  const terminal = {
    out: (text: string) => void printed.push(text),
    note: () => undefined,
    interactive: false,
    ask: async () => '',
  };
  return { code: await state({ words, directory, terminal }), printed: printed.join('') };
}

describe('storagebot state', () => {
  test('check tells of a sound state and its copies, also while a bot runs', async () => {
    const lock = lockState(directory);
    const { code, printed } = await storagebot('check');
    lock.release();
    expect(code).toBe(0);
    expect(printed).toMatch(/^The state in .* is sound\.\ncopy     .*\/copies\/storagebot-\d{8}T\d{6}Z\.db, 2 h old\n$/);
  });

  test('check tells of damage, and ends with 1', async () => {
    truncateSync(join(directory, 'storagebot.db'), 5_000);
    const { code, printed } = await storagebot('check');
    expect(code).toBe(1);
    expect(printed).toContain(`damaged  ${directory}/storagebot.db: database disk image is malformed\n`);
  });

  test('restore says what it did and how many runs do not go on', async () => {
    truncateSync(join(directory, 'storagebot.db'), 5_000);
    const { code, printed } = await storagebot('restore');
    expect(code).toBe(0);
    expect(printed).toMatch(/^The copy of .* is in place\. What was there is in .*\/aside-.*\n/);
    expect(printed).toContain('Runs that were not finished in it and do not go on: 1. Look what they did by hand.');
    expect((await storagebot('check')).code).toBe(0);
  });

  test('restore is refused while a bot holds the state, and changes nothing', async () => {
    truncateSync(join(directory, 'storagebot.db'), 5_000);
    const lock = lockState(directory);
    await expect(storagebot('restore')).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    lock.release();
    expect((await storagebot('check')).code).toBe(1);
  });

  test('anything else is refused, with what there is', async () => {
    await expect(storagebot('remove')).rejects.toThrow('storagebot state check, storagebot state restore [copy]');
  });
});
