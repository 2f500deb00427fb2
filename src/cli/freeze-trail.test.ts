import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleText } from '../../test/example-config.ts';
import { openBotState } from '../app/state.ts';
import { loadConfig } from '../config/config.ts';
import { createSecrets } from '../config/secrets.ts';
import { createLog } from '../log.ts';
import { main } from './main.ts';

let directory: string;
let state: string;
let config: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-freeze-'));
  state = join(directory, 'state');
  config = join(directory, 'storagebot.yaml');
  // A directory cannot be appended to, as a file on a server that is down cannot; the token is in no environment.
  mkdirSync(join(directory, 'unwritable'));
  const anchor = { file: join(directory, 'unwritable'), url: 'https://127.0.0.1:1/', token: 'env:IN_NO_ENVIRONMENT' };
  const approval = { tiers: { normal: { approvers: [`cli:${userInfo().username}`] } } };
  writeFileSync(config, stringify({ ...parse(exampleText), state: { directory: state }, audit: { anchor }, approval }));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function storagebot(...words: string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const terminal = { out: print, note: print, interactive: false, ask: async () => '' };
  const code = await main(words, { terminal, runbooks: [], env: { STORAGEBOT_CONFIG: config } });
  return { code, out: printed.join('') };
}

function mirrored(): readonly string[] {
  return [...readFileSync(join(state, 'audit.jsonl'), 'utf8').matchAll(/"kind":"([^"]+)"/g)].map(([, kind = '']) => kind);
}

describe('a freeze in a terminal is in the database and in the file of the trail', () => {
  test('at once where no bot runs, whatever becomes of the anchors', async () => {
    expect(await storagebot('freeze', 'the', 'disks', 'are', 'swapped')).toMatchObject({ code: 0 });
    expect(await storagebot('unfreeze', 'the', 'disks', 'are', 'in')).toMatchObject({ code: 0 });
    expect(mirrored()).toEqual(['frozen', 'unfrozen']);
  });

  test('soon where one runs, which alone writes the file, and nobody takes it for a forgery', async () => {
    const loaded = { ...(await loadConfig(config)), audit: {} };
    const secrets = createSecrets({ env: {}, readFile: () => Promise.reject(new Error('it has none')) });
    const log = createLog({ secrets: secrets.known, level: 'fatal' });
    const bot = await openBotState({ config: loaded, secrets, log, directory: state, isTemporary: false, version: '1' });
    expect(await storagebot('freeze', 'the', 'disks', 'are', 'swapped')).toMatchObject({ code: 0 });
    const { out } = await storagebot('audit', 'verify');
    expect(out).not.toContain('audit.jsonl ends with');
    expect(mirrored()).toEqual(['bot-started', 'frozen']);
    await bot.held.release();
  });
});
