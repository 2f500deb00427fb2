import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleText } from '../../test/example-config.ts';
import { loadConfig } from '../config/config.ts';
import { createSecrets } from '../config/secrets.ts';
import { createLog } from '../log.ts';
import { openDatabase } from '../store/database.ts';
import { addFinishedRuns } from '../store/fixtures/journal.ts';
import { openBotState } from './state.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-state-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function openWith(anchorFile: string) {
  const path = join(directory, 'storagebot.yaml');
  const state = join(directory, 'state');
  const file = { ...parse(exampleText), state: { directory: state }, audit: { anchor: { file: anchorFile } } };
  writeFileSync(path, stringify(file));
  const secrets = createSecrets({ env: {}, readFile: () => Promise.reject(new Error('it has none')) });
  const log = createLog({ secrets: secrets.known, level: 'fatal' });
  const config = await loadConfig(path);
  return openBotState({ config, secrets, log, directory: state, isTemporary: false, version: '1' });
}

test('a trail that cannot be anchored is told of while the bot runs, and keeps nothing from being done', async () => {
  const elsewhere = join(directory, 'elsewhere');
  // A directory cannot be appended to.
  mkdirSync(elsewhere);
  const bot = await openWith(elsewhere);
  const says = `The audit trail could not be anchored in the file ${elsewhere}: EISDIR`;
  await vi.waitFor(() => expect(bot.notices()).toEqual([expect.stringContaining(says)]));
  expect(bot.obstacles()).toEqual([]);
  await bot.held.release();
  rmdirSync(elsewhere);
  const again = await openWith(elsewhere);
  await again.held.release();
  expect(again.notices()).toEqual([]);
});

test('what runs saw that ended longer ago than they are kept is dropped while the bot runs', async () => {
  const database = openDatabase(join(directory, 'state'));
  addFinishedRuns(database, 1);
  database.exec('UPDATE runs SET reported = revision');
  database.close();
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
  const bot = await openWith(join(directory, 'anchor'));
  expect(bot.store.run('old1')?.droppedAt).toBeNull();
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect(bot.store.run('old1')?.droppedAt).toBeGreaterThan(0);
  expect(bot.store.recording('old1', 1)).toEqual({});
  await bot.held.release();
});
