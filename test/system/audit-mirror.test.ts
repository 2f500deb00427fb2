import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { keyIdOf, seal, unseal } from '../../src/audit/chain.ts';
import { type AuditTrail, createAuditTrail, createMirror, openAuditKey } from '../../src/audit/index.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createClean } from '../../src/redaction/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { queriesOn } from '../../src/store/queries.ts';
import { type AuditSite, auditSite, KEY, writeRun } from './audit-site.ts';
import { canariesIn } from './canaries.ts';

let site: AuditSite;
let file: string;

beforeEach(() => {
  site = auditSite();
  file = join(site.directory, 'audit.jsonl');
});

afterEach(() => site[Symbol.dispose]());

function inTable(trail: AuditTrail = site.trail): string {
  const lines: string[] = [];
  for (let rows = trail.linesSince(0); rows.length > 0; rows = trail.linesSince(lines.length))
    lines.push(...rows.map(({ line }) => line));
  return lines.map((line) => `${line}\n`).join('');
}

const inFile = () => readFileSync(file, 'utf8');

/** As after a restart of the bot. */
function restarted() {
  const mirror = createMirror({ file, trail: site.trail });
  mirror.flush();
  return mirror;
}

describe('the trail in the database', () => {
  const started = { kind: 'bot-started', version: '1' } as const;

  it('is taken back with the transaction that it was part of, and goes on without a gap', () => {
    writeRun(site, 'r1');
    const head = site.trail.head();
    const database = openDatabase(site.directory);
    const db = queriesOn(database);
    const trail = createAuditTrail({ database: db, key: KEY, clean: String, clock: Date.now });
    const refuse = () => {
      trail.append(started);
      throw new Error('the rest failed');
    };
    expect(() => db.transaction(refuse)).toThrow('the rest failed');
    expect(site.trail.head()).toEqual(head);
    site.store.note(started);
    const last = unseal(site.trail.linesSince(head.seq)[0]?.line ?? '');
    expect(last).toMatchObject({ seq: head.seq + 1, prev: head.mac, key: keyIdOf(KEY) });
    database.close();
  });

  it('can be neither changed nor shortened by who does not first take its triggers away', () => {
    site.store.note(started);
    const database = openDatabase(site.directory);
    expect(() => database.exec('DELETE FROM audit')).toThrow(/append-only/);
    expect(() => database.exec(`UPDATE audit SET line = ''`)).toThrow(/append-only/);
    database.close();
  });

  it('is not continued with another key, nor after a last line that was changed', () => {
    site.store.note(started);
    const database = openDatabase(site.directory);
    const open = (key: Uint8Array) => createAuditTrail({ database: queriesOn(database), key, clean: String, clock: Date.now });
    expect(() => open(Buffer.from('other'))).toThrow(
      `written with key ${keyIdOf(KEY)}, and the key in use is ${keyIdOf(Buffer.from('other'))}`,
    );
    site.tamper(`UPDATE audit SET line = replace(line, 'bot-started', 'bot-startled')`);
    expect(() => open(KEY)).toThrow('The last line of the audit trail (seq 1) was changed.');
    database.close();
  });
});

describe('the file', () => {
  it('has every line of the database after each commit, for its owner alone', () => {
    for (const run of ['r1', 'r2']) {
      writeRun(site, run);
      expect(inFile()).toBe(inTable());
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(site.mirror.problem()).toBeUndefined();
  });

  it('is caught up after a crash at any byte of a line, and no line is doubled', () => {
    site.store.note({ kind: 'bot-started', version: 'größer \u{1f4be}' });
    site.store.note({ kind: 'bot-started', version: '2' });
    const whole = inTable();
    const bytes = Buffer.from(whole);
    for (let length = 0; length <= bytes.length; length += 1) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(restarted().problem()).toBeUndefined();
      expect(inFile()).toBe(whole);
    }
  });

  it('is caught up where the bot was killed between its database and the file', async () => {
    const child = spawn(process.execPath, [new URL('audit-killed.ts', import.meta.url).pathname, site.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(inTable().split('\n').length).toBeGreaterThan(1000);
    expect(Buffer.byteLength(inTable())).toBeGreaterThan(statSync(file).size);
    expect(restarted().problem()).toBeUndefined();
    expect(inFile()).toBe(inTable());
  });

  it('keeps a line of several megabytes whole, also where it was torn', () => {
    site.store.note({ kind: 'bot-started', version: 'x'.repeat(3_000_000) });
    truncateSync(file, 1_000_000);
    expect(restarted().problem()).toBeUndefined();
    site.store.note({ kind: 'bot-started', version: 'y'.repeat(300_000) });
    restarted();
    expect(inFile() === inTable()).toBe(true);
  });

  const touched: readonly (readonly [how: string, touch: () => void, says: string])[] = [
    ['removed', () => rmSync(file), 'it is gone'],
    ['cut', () => truncateSync(file, 100), 'it has 100 bytes'],
    ['emptied', () => truncateSync(file, 0), 'it has 0 bytes'],
    ['written to', () => appendFileSync(file, '{}\n'), 'and the bot left it with'],
    [
      'replaced',
      () => {
        copyFileSync(file, `${file}.2`);
        renameSync(`${file}.2`, file);
      },
      'it is another file than before',
    ],
  ];

  it.each(touched)(
    'is said to be wrong from the moment that it was %s under the bot until it is put right',
    (_how, touch, says) => {
      writeRun(site, 'r1');
      copyFileSync(file, `${file}.kept`);
      touch();
      for (const run of ['r2', 'r3']) {
        writeRun(site, run);
        expect(site.mirror.problem()).toContain(says);
        expect(site.mirror.problem()).toContain('Run storagebot audit verify.');
      }
      rmSync(file, { force: true });
      renameSync(`${file}.kept`, file);
      restarted();
      expect(inFile()).toBe(inTable());
    },
  );

  it('is said to be wrong at the start where its end is not the database’s, and is written anew once it is taken away', () => {
    writeRun(site, 'r1');
    writeFileSync(file, inFile().replace('"to":"done"', '"to":"deed"').split('\n').slice(0, -1).join('\n'));
    appendFileSync(file, 'x');
    const mirror = restarted();
    expect(mirror.problem()).toContain('it goes on with something that is not the next line');
    writeFileSync(file, `${inTable()}${seal({ head: site.trail.head(), at: 1, event: '{"kind":"bot-started"}' }, KEY)}\n`);
    mirror.flush();
    expect(mirror.problem()).toContain('its last line is not the one that the database has');
    rmSync(file);
    mirror.flush();
    expect(mirror.problem()).toBeUndefined();
    expect(inFile()).toBe(inTable());
  });

  it('is tried again where the disk was full', () => {
    symlinkSync('/dev/full', file);
    writeRun(site, 'r1');
    expect(site.mirror.problem()).toMatch(/cannot be written to .*ENOSPC/);
    rmSync(file);
    writeRun(site, 'r2');
    expect(site.mirror.problem()).toBeUndefined();
    expect(inFile()).toBe(inTable());
  });

  it('is completed where the disk got full in the middle of a line, and then had room again', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [new URL('audit-full.ts', import.meta.url).pathname, file]);
    const [full, again, table] = z.tuple([z.string(), z.null(), z.string()]).parse(JSON.parse(stdout));
    expect(full).toMatch(/cannot be written to .*EFBIG/);
    expect(again).toBeNull();
    expect(inFile()).toBe(table);
  });

  it('is tried again where something else stood in its place', () => {
    mkdirSync(file);
    writeRun(site, 'r1');
    expect(site.mirror.problem()).toContain('EISDIR');
    rmSync(file, { recursive: true });
    site.mirror.flush();
    expect(site.mirror.problem()).toBeUndefined();
    expect(inFile()).toBe(inTable());
  });
});

test('no secret reaches the database or the file, wherever in an event it stands', () => {
  const secret = 'canary/of+a"secret\\key';
  using clean = auditSite({ clean: createClean(() => [secret]) });
  clean.store.note({ kind: 'frozen', actor: { id: secret, name: `x ${secret} y` }, reason: JSON.stringify({ secret }) });
  clean.store.note({ kind: 'stop-asked', run: secret, round: 1, step: 0, command: `nas$ cat ${encodeURIComponent(secret)}` });
  clean.trail.linesSince(0).forEach(({ line }) => expect(line).toContain('[secret]'));
  const exits = readdirSync(clean.directory).map((name) => ({ name, content: readFileSync(join(clean.directory, name)) }));
  expect(exits.map(({ name }) => name)).toContain('audit.jsonl');
  expect(canariesIn(exits, [{ name: 'canary', secret }])).toEqual([]);
});

describe('the key', () => {
  const secrets = () => createSecrets({ env: { KEY: 'k'.repeat(32), SHORT: 'short' }, readFile: async () => '' });

  it('is made once, at random, and for its owner alone', async () => {
    const open = () => openAuditKey({ stateDirectory: site.directory, secrets: secrets() });
    const keys = await Promise.all([open(), open(), open()]);
    expect(new Set(keys.map(String)).size).toBe(1);
    expect(String(await open())).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(site.directory, 'audit.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(site.directory).filter((name) => name.startsWith('audit.key'))).toEqual(['audit.key']);
    using other = auditSite();
    expect(String(await openAuditKey({ stateDirectory: other.directory, secrets: secrets() }))).not.toBe(String(keys[0]));
  });

  it('is a secret of the bot like any other, also where it was made by itself', async () => {
    const known = secrets();
    const key = await openAuditKey({ stateDirectory: site.directory, secrets: known });
    expect(known.known()).toContain(String(key));
  });

  it('is what the configuration says, if that is long enough', async () => {
    const open = (name: string) =>
      openAuditKey({ stateDirectory: site.directory, secrets: secrets(), key: { from: 'env', name } });
    expect(String(await open('KEY'))).toBe('k'.repeat(32));
    await expect(open('SHORT')).rejects.toThrow('must have at least 32 characters');
    expect(readdirSync(site.directory)).not.toContain('audit.key');
  });
});
