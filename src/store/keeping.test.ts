import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './database.ts';
import { addFinishedRuns } from './fixtures/journal.ts';
import { type OpenState, openState } from './keeping.ts';
import { checkFile } from './keeping-check.ts';
import { copyJournal, listCopies } from './keeping-copies.ts';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 31, 12);

let directory: string;
let journal: string;
let logged: string[];
let now: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-keeping-'));
  journal = join(directory, 'storagebot.db');
  logged = [];
  now = NOON;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const log = {
  info: (_fields: unknown, message: string) => void logged.push(message),
  error: (fields: unknown, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
};

function open(): Promise<OpenState> {
  return openState({ directory, log, clock: () => now });
}

/** One life of a bot that writes some runs and ends as it should. */
async function live(runs: number): Promise<void> {
  const state = await open();
  const database = openDatabase(directory);
  addFinishedRuns(database, runs);
  await state.keeper.stop();
  database.close();
  state.release();
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  writeSync(openSync(file, 'r+'), bytes, 0, bytes.length, at);
}

function edit(sql: string): void {
  const database = new DatabaseSync(journal);
  database.exec(sql);
  database.close();
}

describe('a sound state', () => {
  test('is opened, copied when the bot stops, and opened again; nobody else can read the copy', async () => {
    await live(3);
    expect(listCopies(directory)).toEqual([{ path: join(directory, 'copies/storagebot-20260131T120000Z.db'), at: NOON }]);
    const [copy] = listCopies(directory);
    expect(statSync(copy?.path ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'copies')).mode & 0o777).toBe(0o700);
    (await open()).release();
    expect(logged).toEqual([]);
  });

  test('belongs to one process: a second one is refused, and leaves the first alone', async () => {
    const state = await open();
    await expect(open()).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    state.release();
    (await open()).release();
  });

  test('after a kill keeps what stands in its write-ahead log only', async () => {
    const program = join(import.meta.dirname, 'fixtures/killed-child.ts');
    expect(() => execFileSync(process.execPath, [program, directory], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ signal: 'SIGKILL' }),
    );
    expect(statSync(`${journal}-wal`).size).toBeGreaterThan(0);
    const state = await open();
    const database = openDatabase(directory);
    expect(database.prepare('SELECT count(*) AS runs FROM runs').get()).toEqual({ runs: 20 });
    database.close();
    state.release();
  });
});

describe('a damaged state is refused, with what the check said, the newest good copy and the way back', () => {
  beforeEach(() => live(40));

  async function refusal(): Promise<string> {
    now += 3 * HOUR_MS;
    const refused = await open().then(
      ({ release }) => (release(), 'it was opened'),
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'STATE_DAMAGED' });
    const { message } = refused as Error;
    expect(message).toContain(`The newest good copy is ${directory}/copies/storagebot-20260131T120000Z.db, 3 h old`);
    expect(message).toContain('storagebot state restore');
    return message;
  }

  test('overwritten in the middle', async () => {
    const { size } = statSync(journal);
    overwrite(journal, Math.floor(size / 2 / 4096) * 4096, Buffer.alloc(3 * 4096, 0xa5));
    expect(await refusal()).toMatch(/storagebot\.db: .*(page|malformed)/i);
  });

  test('truncated', async () => {
    truncateSync(journal, Math.floor(statSync(journal).size / 2));
    expect(await refusal()).toContain(`${journal}: database disk image is malformed`);
  });

  test('with its header zeroed', async () => {
    overwrite(journal, 0, Buffer.alloc(100));
    expect(await refusal()).toContain(`${journal}: file is not a database`);
  });

  test('emptied, or gone', async () => {
    truncateSync(journal, 0);
    expect(await refusal()).toContain(`${journal}: it is missing or empty, although there are copies of it`);
    rmSync(journal);
    now = NOON;
    expect(await refusal()).toContain('missing or empty');
  });

  test('without its write-ahead log', async () => {
    const program = join(import.meta.dirname, 'fixtures/killed-child.ts');
    expect(() => execFileSync(process.execPath, [program, directory], { stdio: 'pipe' })).toThrow(/./);
    rmSync(`${journal}-wal`);
    expect(await refusal()).toContain('its write-ahead log (-wal) was removed: the last changes that were written down are lost');
  });

  test('with a value that is not what was written', async () => {
    edit(`UPDATE runs SET origin = '{"kind":' WHERE id = 'old7'; UPDATE runs SET requester = 'operator' WHERE id < 'old12'`);
    expect(await refusal()).toContain('3 values of runs.requester are not JSON; 1 values of runs.origin are not JSON');
  });

  test('with rows that belong to nothing', async () => {
    edit(`PRAGMA foreign_keys = OFF; DELETE FROM runs WHERE id = 'old7'`);
    expect(await refusal()).toContain('1 rows of rounds belong to a row of runs that is not there');
  });

  test('and its newest copy is passed over where that is damaged too', async () => {
    now = NOON + 2 * HOUR_MS;
    await live(0);
    const [newest] = listCopies(directory);
    overwrite(newest?.path ?? '', 0, Buffer.alloc(100));
    overwrite(journal, 0, Buffer.alloc(100));
    now = NOON;
    expect(await refusal()).toContain(`${journal}: file is not a database`);
  });

  test('and what was damaged is left as it was found', async () => {
    overwrite(journal, 8_192, Buffer.alloc(4096, 0xa5));
    const before = execFileSync('sha256sum', [journal], { encoding: 'utf8' });
    await refusal();
    expect(execFileSync('sha256sum', [journal], { encoding: 'utf8' })).toBe(before);
  });
});

describe('where there is no way back', () => {
  test('the refusal says so, and what can be done', async () => {
    writeFileSync(journal, 'x'.repeat(10_000));
    await expect(open()).rejects.toThrow(/file is not a database[^]*There is no good copy of it/);
  });

  test("only the engine's list is damaged: nothing is lost", async () => {
    await live(1);
    writeFileSync(join(directory, 'engine.db'), 'x'.repeat(10_000));
    await expect(open()).rejects.toThrow(/engine\.db: file is not a database\nThe journal is sound/);
  });
});

describe('copies', () => {
  async function copyAt(at: number): Promise<void> {
    await copyJournal(directory, at, checkFile);
  }

  test('are made at the start as well, before anything is written', async () => {
    await live(1);
    now += 24 * HOUR_MS;
    (await open()).release();
    expect(listCopies(directory).map(({ at }) => at)).toEqual([now, NOON]);
  });

  test('are kept up to the newest seven, each with all that was written', async () => {
    await live(3);
    for (let day = 1; day <= 8; day += 1) await copyAt(NOON + day * 24 * HOUR_MS);
    const names = readdirSync(join(directory, 'copies')).toSorted();
    expect(names).toHaveLength(7);
    expect([names[0], names.at(-1)]).toEqual(['storagebot-20260202T120000Z.db', 'storagebot-20260208T120000Z.db']);
    const copy = new DatabaseSync(listCopies(directory)[0]?.path ?? '', { readOnly: true });
    expect(copy.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(copy.prepare('SELECT count(*) AS runs FROM runs').get()).toEqual({ runs: 3 });
    copy.close();
  });

  test('of one hour replace each other, so that a bot that starts over and over keeps its old ones', async () => {
    await live(1);
    for (let minute = 0; minute <= 10; minute += 1) await copyAt(NOON + 24 * HOUR_MS + minute * 60_000);
    expect(listCopies(directory).map(({ at }) => at)).toEqual([NOON + 24 * HOUR_MS + 600_000, NOON]);
  });

  test('of another schema are kept, because the older version needs them', async () => {
    await live(1);
    edit('PRAGMA user_version = 0');
    now = NOON + 60_000;
    const state = await open();
    state.release();
    expect(listCopies(directory)).toHaveLength(2);
  });

  test('that could not be ended do not count, and the next one takes their place', async () => {
    await live(1);
    writeFileSync(join(directory, 'copies/unfinished.part'), 'half');
    now += 24 * HOUR_MS;
    await live(0);
    expect(readdirSync(join(directory, 'copies'))).toHaveLength(2);
  });

  test('that fail are told of, and keep nothing from being done', async () => {
    await live(1);
    rmSync(join(directory, 'copies'), { recursive: true });
    writeFileSync(join(directory, 'copies'), '');
    const state = await open();
    expect(state.keeper.notice()).toMatch(/^The last copy of the state failed: EEXIST/);
    expect(state.keeper.problem()).toBeUndefined();
    rmSync(join(directory, 'copies'));
    mkdirSync(join(directory, 'copies'));
    await state.keeper.copy();
    expect(state.keeper.notice()).toBeUndefined();
    state.release();
  });

  test('show that the state was damaged while the bot ran: from then on nothing is changed', async () => {
    const state = await open();
    const database = openDatabase(directory);
    addFinishedRuns(database, 40);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    overwrite(journal, Math.floor(statSync(journal).size / 2 / 4096) * 4096, Buffer.alloc(3 * 4096, 0xa5));
    await state.keeper.copy();
    expect(state.keeper.problem()).toMatch(/is damaged. Nothing is changed/);
    expect(listCopies(directory)).toEqual([]);
    database.close();
    state.release();
  });
});
