import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approver, onOffer, startHarness, statuses } from '../engine/fixtures/harness.ts';
import { createWorld } from '../engine/fixtures/switches.ts';
import { openDatabase } from './database.ts';
import { addFinishedRuns, addRunWithSteps } from './fixtures/journal.ts';
import { checkFile } from './keeping-check.ts';
import { copyJournal, listCopies } from './keeping-copies.ts';
import { restoreState } from './keeping-restore.ts';

const COPIED = Date.UTC(2026, 0, 31, 12);
const NOW = COPIED + 3_600_000;
const COPY = 'storagebot-20260131T120000Z.db';

let directory: string;
let journal: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-restore-'));
  journal = join(directory, 'storagebot.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(work: (database: DatabaseSync) => void): void {
  const database = openDatabase(directory);
  work(database);
  database.close();
}

function copy(): Promise<string> {
  return copyJournal(directory, COPIED, checkFile);
}

/** The first column of each row. */
function column(sql: string): unknown[] {
  const database = new DatabaseSync(journal, { readOnly: true });
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => Object.values(row)[0]);
}

describe('after a restore nothing that was not finished in the copy goes on by itself', () => {
  test('an offer that was approved and carried out after the copy cannot be approved again, and nothing is sent again', async () => {
    const world = createWorld({ a: 'off', b: 'off' });
    const before = await startHarness(directory, world);
    const offer = await before.ask('a', 'b');
    await copy();
    await before.approve(offer);
    await before.engine.stop();
    const sent = [...world.sent];
    expect(sent).toHaveLength(1);
    await restoreState(directory, { name: COPY, now: NOW });
    const after = await startHarness(directory, world);
    const answer = await after.engine.decide({ ...onOffer(offer), run: offer.id, actor: approver, verdict: 'approve' });
    expect(answer).toMatchObject({ accepted: false });
    await sleep(700);
    const view = await after.engine.view(offer.id);
    await after.engine.stop();
    expect(world.sent).toEqual(sent);
    expect(view).toMatchObject({
      status: 'broken',
      problem: expect.stringContaining('Restored from a copy of 2026-01-31T12:00'),
    });
    expect(view && statuses(view)).toEqual([['unknown', 'unknown']]);
    expect(after.shown.at(-1)).toMatchObject({ id: offer.id, status: 'broken' });
  });

  test('not an approval that was not used yet, and not a change that had begun: both are left to a person', async () => {
    write((database) => {
      addFinishedRuns(database, 2);
      addRunWithSteps(database, 'r1', ['done', 'approved', 'waiting']);
      addRunWithSteps(database, 'r2', ['started']);
    });
    await copy();
    truncateSync(journal, 5_000);
    expect(await restoreState(directory, { now: NOW })).toMatchObject({ brokenRuns: 2, copy: { at: COPIED } });
    expect(column('SELECT status FROM steps ORDER BY run, "index"')).toEqual(['done', 'unknown', 'unknown', 'unknown']);
    expect(column('SELECT status FROM runs ORDER BY id')).toEqual(['finished', 'finished', 'broken', 'broken']);
    const [detail] = column(`SELECT detail FROM steps WHERE run = 'r2'`);
    expect(detail).toBe(
      'The state was restored from a copy of 2026-01-31T12:00:00.000Z. Whether this was done after that is not known: a person must look.',
    );
  });
});

describe('a restore', () => {
  beforeEach(async () => {
    write((database) => addFinishedRuns(database, 3));
    await copy();
  });

  test('moves what was there aside, the file of the audit trail too, and removes nothing', async () => {
    for (const name of ['audit.jsonl', 'engine.db', 'storagebot.db-wal']) writeFileSync(join(directory, name), `of ${name}`);
    writeFileSync(journal, 'damaged'.repeat(1_000));
    const { aside } = await restoreState(directory, { now: NOW });
    expect(aside).toBe(join(directory, 'aside-20260131T130000Z'));
    expect(readdirSync(aside)).toEqual(expect.arrayContaining(['engine.db', 'storagebot.db', 'storagebot.db-wal']));
    expect(readFileSync(join(aside, 'storagebot.db'), 'utf8')).toBe('damaged'.repeat(1_000));
    expect(readFileSync(join(aside, 'audit.jsonl'), 'utf8')).toBe('of audit.jsonl');
    expect(existsSync(join(directory, 'audit.jsonl'))).toBe(false);
    expect(existsSync(join(directory, 'engine.db'))).toBe(false);
    expect(listCopies(directory)).toHaveLength(1);
    expect(checkFile(journal)).toEqual([]);
  });

  test('takes the newest copy that is sound', async () => {
    writeFileSync(join(directory, 'copies/storagebot-20260131T123000Z.db'), 'damaged too');
    rmSync(journal);
    expect(await restoreState(directory, { now: NOW })).toMatchObject({ copy: { at: COPIED } });
  });

  test('that was cut short can be done again', async () => {
    truncateSync(journal, 5_000);
    for (const suffix of ['', '-journal', '-wal']) writeFileSync(join(directory, `storagebot.restored${suffix}`), 'half');
    expect(await restoreState(directory, { now: NOW })).toMatchObject({ copy: { at: COPIED } });
    expect(readdirSync(directory).toSorted()).toEqual(['aside-20260131T130000Z', 'copies', 'storagebot.db']);
  });

  test("of the engine's list alone keeps the journal", async () => {
    writeFileSync(join(directory, 'engine.db'), 'damaged'.repeat(1_000));
    write((database) => addRunWithSteps(database, 'r1', ['approved']));
    expect(await restoreState(directory, { now: NOW })).toEqual({
      aside: join(directory, 'aside-20260131T130000Z'),
      brokenRuns: 0,
    });
    expect(column('SELECT status FROM steps')).toEqual(['approved']);
  });

  test('of a state that is sound is refused unless a copy is named', async () => {
    await expect(restoreState(directory, { now: NOW })).rejects.toThrow(`The state is sound, so nothing is restored.`);
    await expect(restoreState(directory, { now: NOW })).rejects.toThrow(`storagebot state restore ${COPY}`);
    expect(await restoreState(directory, { now: NOW, name: COPY })).toMatchObject({ copy: { at: COPIED } });
  });

  test('of a copy that is not there or not sound is refused, and nothing is moved', async () => {
    await expect(restoreState(directory, { now: NOW, name: 'other.db' })).rejects.toThrow(`There are: ${COPY}`);
    truncateSync(join(directory, 'copies', COPY), 5_000);
    await expect(restoreState(directory, { now: NOW, name: COPY })).rejects.toThrow(/is not sound/);
    truncateSync(journal, 5_000);
    await expect(restoreState(directory, { now: NOW })).rejects.toThrow(/There is no good copy/);
    expect(readdirSync(directory).filter((name) => name.startsWith('aside'))).toEqual([]);
    expect(existsSync(journal)).toBe(true);
  });
});
