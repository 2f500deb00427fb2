import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { openDatabase } from '../store/database.ts';
import { addRunWithSteps } from '../store/fixtures/journal.ts';
import { queriesOn } from '../store/queries.ts';
import { reads } from '../store/reads.ts';
import { main } from './main.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-freeze-'));
  const example = parse(readFileSync(new URL('../../deploy/storagebot.example.yaml', import.meta.url), 'utf8'));
  const normal = { approvers: [`cli:${userInfo().username}`] };
  writeFileSync(
    join(directory, 'storagebot.yaml'),
    stringify({ ...example, state: { directory }, approval: { tiers: { normal } } }),
  );
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function storagebot(words: string) {
  let printed = '';
  const print = (text: string) => void (printed += text);
  const terminal = { out: print, note: print, interactive: false, ask: async () => '' };
  const env = { STORAGEBOT_CONFIG: join(directory, 'storagebot.yaml') };
  return { code: await main(words.split(' '), { terminal, runbooks: [], env }), printed };
}

function stepsNow() {
  const database = openDatabase(directory);
  const steps = reads(queriesOn(database)).journal('r1')?.rounds[0]?.steps;
  database.close();
  return steps?.map(({ status, detail }) => [status, detail]);
}

test('a freeze from the terminal voids approvals that were not used, also while there is no bot to see it', async () => {
  const database = openDatabase(directory);
  addRunWithSteps(database, 'r1', ['done', 'approved', 'waiting']);
  database.close();
  expect(await storagebot('freeze the array is being rebuilt')).toMatchObject({ code: 0 });
  expect(existsSync(join(directory, 'FROZEN'))).toBe(true);
  expect(await storagebot('unfreeze rebuilt')).toMatchObject({ code: 0 });
  expect(existsSync(join(directory, 'FROZEN'))).toBe(false);
  const voided = expect.stringMatching(/^Not done\. Frozen by .*: the array is being rebuilt\./);
  expect(stepsNow()).toEqual([
    ['done', null],
    ['refused', voided],
    ['waiting', null],
  ]);
});

test('so does its end where the file was made by hand', async () => {
  const database = openDatabase(directory);
  addRunWithSteps(database, 'r1', ['approved']);
  database.close();
  writeFileSync(join(directory, 'FROZEN'), '');
  expect(await storagebot('unfreeze all is well')).toMatchObject({ code: 0 });
  expect(stepsNow()).toEqual([['refused', expect.stringContaining('FROZEN is there')]]);
});
