import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createAnchors } from '../../src/audit/index.ts';
import { main } from '../../src/cli/main.ts';
import { exampleText } from '../example-config.ts';
import { type AuditSite, auditSite, KEY, writeRun } from './audit-site.ts';

let site: AuditSite;
let config: string;
let anchorFile: string;

beforeEach(() => {
  site = auditSite();
  config = join(site.directory, 'storagebot.yaml');
  anchorFile = join(site.directory, 'elsewhere');
  writeFileSync(join(site.directory, 'audit.key'), `${KEY.toString()}\n`);
  const file: object = { ...parse(exampleText), state: { directory: site.directory }, audit: { anchor: { file: anchorFile } } };
  writeFileSync(config, stringify(file));
});

afterEach(() => site[Symbol.dispose]());

async function storagebot(...words: string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const terminal = { out: print, note: print, interactive: false, ask: async () => '' };
  const code = await main(['audit', ...words], { terminal, runbooks: [], env: { STORAGEBOT_CONFIG: config } });
  return { code, out: printed.join('') };
}

function anchors(post?: { url: string; token?: string }) {
  const parts = { file: anchorFile, head: site.trail.head, clock: () => 1_795_000_000_000, stateDirectory: site.directory };
  return createAnchors({ ...parts, ...(post === undefined ? {} : { post }), limits: { deadlineMs: 500, retryMs: 400 } });
}

async function anchored(): Promise<void> {
  const all = anchors();
  all.anchor();
  await all.idle();
  all.close();
  expect(all.problems()).toEqual([]);
}

describe('storagebot audit verify', () => {
  it('says in numbers what it checked, while the bot works, and exits with 0 where everything agrees', async () => {
    for (const run of ['r1', 'r2', 'r3']) {
      writeRun(site, run);
      await anchored();
    }
    const { seq, mac } = site.trail.head();
    const { code, out } = await storagebot('verify', '--anchor', `${seq}:${mac.slice(0, 16)}…`, '--anchor', `${seq}:${mac}`);
    expect(out).toContain('Everything agrees.');
    expect(code).toBe(0);
    for (const part of [
      `database  ${seq} lines, up to ${seq}:`,
      `file      ${seq} lines`,
      `3 of the file ${anchorFile}`,
      '2 of the command line',
    ])
      expect(out).toContain(part);
    for (const part of ['12 outputs compared', '3 runs, 3 steps and 3 decisions', '3 of the ends of runs'])
      expect(out).toContain(part);
  });

  const database: readonly (readonly [what: string, sql: string, says: string])[] = [
    [
      'an output of the evidence',
      `UPDATE rounds SET recording = replace(recording, '/mnt/main', '/mnt/evil')`,
      'the output of nas$ exportfs -v is not in the journal what seq',
    ],
    [
      'an output more',
      `UPDATE rounds SET recording = json_set(recording, '$.x', json('{}'))`,
      'the output of x stands in the journal and not in the trail',
    ],
    ['an output less', `UPDATE rounds SET recording = '{}'`, 'stands in the trail (seq 2) and not in the journal'],
    ['a recording that is no JSON', `UPDATE rounds SET recording = '{'`, 'the recording of round 1 is not in the journal'],
    ['a removed round', 'DELETE FROM rounds WHERE number = 2', 'the recording of round 2 stands in the trail'],
    ['a plan', `UPDATE steps SET preview = 'harmless'`, 'the plan of step 1.1 is not in the journal'],
    ['what became of a step', `UPDATE steps SET status = 'failed'`, 'what became of step 1.1 is not in the journal'],
    ['what a change printed', `UPDATE steps SET output = replace(output, 'done', 'gone')`, 'what became of step 1.1'],
    [
      'a step more',
      `INSERT INTO steps SELECT run, round, 7, digest, preview, risk, status, expiresAt, detail, output, startedAt, endedAt, wordToType, warnedAt, progress FROM steps`,
      'the plan of step 1.8 stands in the journal and not in the trail',
    ],
    ['who approved', `UPDATE decisions SET actorName = 'somebody'`, 'the decision 1.1 by U0002 is not in the journal'],
    ['a removed approval', 'DELETE FROM decisions', 'the decision 1.1 by U0002 stands in the trail'],
    [
      'an approval more',
      `INSERT INTO decisions SELECT run, round, step, digest, 'U0666', actorName, verdict, at, reason FROM decisions`,
      'the decision 1.1 by U0666 stands in the journal and not',
    ],
    ['who asked', `UPDATE runs SET requester = '{"id":"U0666","name":"x"}'`, 'who asked is not in the journal'],
    ['how a run ended', `UPDATE runs SET status = 'broken'`, 'its end is not in the journal'],
    ['a cancellation', `UPDATE runs SET cancelled = '{}'`, 'its cancellation stands in the journal and not'],
    ['a removed run', 'DELETE FROM runs', 'Run r1 stands in the trail (seq 1) and not in the journal'],
    [
      'a run more',
      `INSERT INTO runs (id, runbook, arguments, requester, origin, buildVersion, status, startedAt) SELECT 'r9', runbook, arguments, requester, origin, buildVersion, status, 9e15 FROM runs`,
      'Run r9 stands in the journal and not in the trail',
    ],
    [
      'a line of the table',
      `UPDATE audit SET line = replace(line, 'Fine', 'Bad') WHERE seq = 2`,
      'storagebot.db: Line 2 (seq 2) was edited',
    ],
    ['a removed line of the table', 'DELETE FROM audit WHERE seq = 3', 'storagebot.db: Seq 3 is missing.'],
    ['the end of the table', 'DELETE FROM audit WHERE seq > 3', 'storagebot.db: The end was cut off'],
    ['the whole table', 'DELETE FROM audit', 'storagebot.db: The end was cut off'],
    [
      'the numbers of the rows',
      'UPDATE audit SET seq = seq + 1000',
      'The row with the number 1001 holds a line with another number.',
    ],
  ];

  it.each(database)('finds %s changed in the database', async (_what, sql, says) => {
    writeRun(site, 'r1');
    await anchored();
    expect((await storagebot('verify')).code).toBe(0);
    site.tamper(sql);
    const { code, out } = await storagebot('verify');
    expect(out).toContain(says);
    expect(out).toContain('NOT EVERYTHING AGREES');
    expect(code).toBe(1);
  });

  const files: readonly (readonly [what: string, change: () => void, says: string])[] = [
    [
      'a changed line of the file',
      () => edit('audit.jsonl', '"to":"done"', '"to":"gone"'),
      'audit.jsonl: Line 11 (seq 11) was edited',
    ],
    [
      'a file that is gone',
      () => rmSync(join(site.directory, 'audit.jsonl')),
      'audit.jsonl ends with seq 0, and storagebot.db with seq 14',
    ],
    ['a torn file', () => edit('audit.jsonl', /.{9}\n$/, ''), 'audit.jsonl: Line 14 is torn'],
    ['a changed anchor', () => edit('elsewhere', /"mac":"..../, '"mac":"0000'), 'the trail was replaced'],
    ['an anchor that cannot be read', () => edit('elsewhere', '}', ''), `Line 1 of the file`],
    ['an anchor file that is gone', () => rmSync(anchorFile), 'The anchor of seq 14 is gone from the file'],
    ['another key', () => writeFileSync(join(site.directory, 'audit.key'), 'f'.repeat(64)), 'was made with key'],
  ];

  function edit(name: string, from: string | RegExp, to: string): void {
    const path = join(site.directory, name);
    const text = readFileSync(path, 'utf8');
    expect(text.replace(from, to)).not.toBe(text);
    writeFileSync(path, text.replace(from, to));
  }

  it.each(files)('finds %s', async (_what, change, says) => {
    writeRun(site, 'r1');
    await anchored();
    change();
    const { code, out } = await storagebot('verify');
    expect(out).toContain(says);
    expect(code).toBe(1);
  });

  it('finds both table and file cut off alike, with nothing but what Slack has shown', async () => {
    writeRun(site, 'r1');
    const { seq, mac } = site.trail.head();
    site.tamper(
      `DELETE FROM audit WHERE seq > 12; UPDATE runs SET auditHead = NULL, status = 'applying'; DELETE FROM rounds WHERE number = 2`,
    );
    const text = readFileSync(join(site.directory, 'audit.jsonl'), 'utf8');
    writeFileSync(join(site.directory, 'audit.jsonl'), text.split('\n').slice(0, 12).join('\n'));
    appendFileSync(join(site.directory, 'audit.jsonl'), '\n');
    const unaided = await storagebot('verify');
    const aided = await storagebot('verify', '--anchor', `${seq}:${mac.slice(0, 8)}`);
    expect(unaided.out).not.toContain('cut off');
    expect(aided.out).toContain(`ends with seq 12, and the command line has seen seq ${seq}`);
    expect(aided.code).toBe(1);
  });

  it('says that a run is older than the trail instead of suspecting it', async () => {
    writeRun(site, 'r1');
    site.tamper(
      `INSERT INTO runs (id, runbook, arguments, requester, origin, buildVersion, status, startedAt) VALUES ('r0', 'x', '[]', '{}', '{}', '1', 'finished', 5)`,
    );
    const { code, out } = await storagebot('verify');
    expect(out).toContain('1 run from before there was a trail');
    expect(code).toBe(0);
  });

  it('does not suspect what was taken out of the trail as a secret', async () => {
    using clean = auditSite({ clean: (text) => text.replaceAll('hunter2', '[secret]') });
    writeRun(clean, 'r1', { foreign: 'the password is hunter2.' });
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(site.directory, clean.directory));
    writeFileSync(join(clean.directory, 'audit.key'), KEY.toString());
    expect((await storagebot('verify')).out).toContain('Everything agrees.');
    clean.tamper(`UPDATE decisions SET reason = 'the pass-word is hunter2.'`);
    expect((await storagebot('verify')).code).toBe(1);
  });

  it.each([
    [['verify', 'x'], 2, 'The commands for the audit trail'],
    [['show'], 2, 'The commands for the audit trail'],
    [['show', 'r9'], 2, 'The audit trail tells of no run r9.'],
    [['show', 'r9', '--anchor', '1:aaaaaaaa'], 2, 'The commands for the audit trail'],
    [['verify', '--anchor', '42'], 2, '--anchor wants a number and at least 8 digits'],
  ])('refuses what makes no sense: %j', async (words, exit, says) => {
    const { code, out } = await storagebot(...words);
    expect(out).toContain(says);
    expect(code).toBe(exit);
  });

  it('says that there is nothing to verify where there is no key', async () => {
    rmSync(join(site.directory, 'audit.key'));
    const { code, out } = await storagebot('verify');
    expect(out).toContain('There is no key of an audit trail');
    expect(code).toBe(4);
  });

  it('reads the state of a bot that does not run, and leaves nothing that the bot could not open', async () => {
    writeRun(site, 'r1');
    site.close();
    expect((await storagebot('verify')).code).toBe(0);
    const again = new DatabaseSync(join(site.directory, 'storagebot.db'));
    again.exec('PRAGMA user_version');
    again.close();
  });
});

/** Everything that gives a document its form: headings, fences, rows with their number of cells, items. */
function skeleton(markdown: string): string[] {
  let fence = '';
  return markdown.split('\n').flatMap((line) => {
    const mark = /^`{3,}/.exec(line)?.[0] ?? '';
    if (fence !== '') {
      if (line === fence) fence = '';
      return [];
    }
    if (mark !== '') {
      fence = mark;
      return ['fence'];
    }
    if (line.startsWith('|')) return [`row of ${line.replaceAll(/\\./g, '').split('|').length}`];
    expect(line.replaceAll(/\\./g, '').replaceAll('**', '')).not.toMatch(/[`*<>[\]]/);
    return [/^(#+|\s*- (?!\S*---)|\w+|$)/.exec(line)?.[0].replaceAll(/\w+/g, 'words') ?? line];
  });
}

const hostile = [
  '```\n# owned\n',
  '`````````',
  '| a | b |\n|---|---|',
  '<script>alert(1)</script>',
  '[click](https://evil.example)',
  '\u001b[2J\u202eevil',
  '- x\n1. y\n> z\n---',
  '\\| \\` \\',
  'line\r\nanother\u2028third',
  '@channel <!channel> www.evil.example',
];

describe('what is told of one run', () => {
  const control = /[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/u;

  it('is all that happened, in words and with whole outputs', async () => {
    writeRun(site, 'r1');
    const { code, out } = await storagebot('show', 'r1');
    expect(code).toBe(0);
    for (const part of [
      'Audit trail: 14 lines (seq 1 to 14); the chain verifies, here and as a whole.',
      'seq 1  operator (U0001) asked on the command line: diagnose-nfs immich',
      'wrong: EXPORT_NOT_ACTIVE (immich): It is not active: immich',
      '=== nas$ exportfs -v\n    exit code: 0\n    --- stdout:\n      /mnt/main/immich',
      'could not look (timed-out): It did not answer: immich',
      'Step 1.1 was approved by approver (U0002): immich',
      'Step 1.1 went from approved to started.\n    nas$ exportfs -ra immich',
      'Step 1.1 went from started to done. It is done: immich\n    exit code: 0\n    --- stdout:\n      done immich',
      'The run ended (finished).',
    ])
      expect(out).toContain(part);
  });

  it('tells of the freeze and the restart that happened meanwhile, and of those of other times not', async () => {
    const actor = { id: 'U0001', name: 'operator' };
    site.store.note({ kind: 'frozen', actor, reason: 'too early' });
    site.store.addRun({
      id: 'r1',
      runbook: 'x',
      arguments: [],
      requester: actor,
      origin: { kind: 'cli' },
      buildVersion: '1',
      startedAt: 1,
    });
    site.store.note({ kind: 'bot-started', version: '7' });
    site.store.note({ kind: 'frozen', actor, reason: 'in time' });
    site.store.endRun('r1', { status: 'broken', at: 2, problem: 'It broke.' });
    site.store.note({ kind: 'unfrozen', actor, reason: 'too late' });
    const { out } = await storagebot('show', 'r1');
    for (const part of ['version 7', 'froze the bot: in time', 'The run ended (broken). It broke.']) expect(out).toContain(part);
    expect(out).not.toMatch(/too (early|late)/);
  });

  it('is a post-mortem: who asked, what was wrong, what was changed, by whose approval, with what result', async () => {
    writeRun(site, 'r1');
    const { code, out } = await storagebot('report', 'r1');
    expect(code).toBe(0);
    for (const part of [
      '# Post-mortem of run r1',
      '- **Asked:** diagnose-nfs immich, by operator (U0001) on the command line, 2026-',
      '- **What was wrong:**\n  - EXPORT\\_NOT\\_ACTIVE (immich): It is not active: immich',
      '- **What was changed:**\n  - Step 1.1, done: nas\\$ exportfs -ra immich',
      '- **Approved by:**\n  - approver (U0002): step 1.1, digest abcdef012345',
      'The last look (round 2) found 0 things wrong.',
      '| wrong | EXPORT\\_NOT\\_ACTIVE (immich): It is not active: immich | 1 |',
      '```text\nnas$ exportfs -v\n\nexit code: 0\n--- stdout:\n  /mnt/main/immich\n',
      '```text\nnas$ exportfs -ra immich\n```',
    ])
      expect(out).toContain(part);
  });

  it.each(['show', 'report'])(
    '%s says that it cannot be relied on where the run was tampered with, and only there',
    async (what) => {
      writeRun(site, 'r1');
      writeRun(site, 'r2');
      site.tamper(`UPDATE rounds SET recording = replace(recording, '/mnt/main', '/mnt/evil') WHERE run = 'r1'`);
      const bad = await storagebot(what, 'r1');
      const good = await storagebot(what, 'r2');
      expect(bad.out).toContain('NOT TO BE RELIED ON');
      expect(bad.out).toMatch(/not\W* what the (audit )?trail has sealed/i);
      expect(bad.code).toBe(1);
      expect(good.out).toContain('the chain verifies here, and elsewhere it has 2 problems');
      expect(good.code).toBe(0);
    },
  );

  it('keeps its form whatever hosts and people wrote', async () => {
    const word = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme', maxLength: 20 }));
    writeRun(site, 'plain');
    const plain = skeleton((await storagebot('report', 'plain')).out);
    expect(plain.length).toBeGreaterThan(50);
    let number = 0;
    const property = fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 4 }), async (words) => {
      const run = `r${(number += 1)}`;
      writeRun(site, run, { foreign: `x${words.join(' ')}x` });
      const report = await storagebot('report', run);
      expect(skeleton(report.out)).toEqual(plain);
      const { out } = await storagebot('show', run);
      expect(report.out + out).not.toMatch(control);
    });
    await fc.assert(property, { numRuns: 40, examples: hostile.map((text) => [[text]]) });
  });
});

describe('anchors', () => {
  interface Received {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function receiver(answer: (count: number) => number) {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        const status = answer(received.length);
        if (status > 0) response.writeHead(status, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const close = () => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve));
    return {
      received,
      url: `http://127.0.0.1:${port}/hook/canary-path`,
      [Symbol.asyncDispose]: async () => void (await close()),
    };
  }

  it('go to the file and to the address, and are remembered', async () => {
    await using server = await receiver(() => 204);
    writeRun(site, 'r1');
    const all = anchors({ url: server.url, token: 'canary-token' });
    all.anchor();
    await all.idle();
    const anchor = { at: 1_795_000_000_000, ...site.trail.head() };
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual(anchor);
    expect(server.received[0]?.headers.authorization).toBe('Bearer canary-token');
    expect(JSON.parse(readFileSync(anchorFile, 'utf8'))).toEqual(anchor);
    const memory = readFileSync(join(site.directory, 'audit.anchored'), 'utf8');
    const places = memory
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line).to);
    expect(new Set(places)).toEqual(new Set([new URL(server.url).host, `the file ${anchorFile}`]));
    all.close();
  });

  it.each([
    ['refuses', 500, 'answered with status 500'],
    ['redirects', 302, 'did not take it'],
    ['does not answer', 0, 'did not'],
  ])('are tried again where the address %s, and no error holds the token or the path', async (_what, status, says) => {
    await using server = await receiver((count) => (count === 1 ? status : 200));
    writeRun(site, 'r1');
    const all = anchors({ url: server.url, token: 'canary-token' });
    all.anchor();
    await all.idle();
    expect(all.problems().join()).toContain(says);
    expect(all.problems().join()).not.toContain('canary');
    await expect.poll(() => all.problems(), { timeout: 5000 }).toEqual([]);
    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toMatchObject(site.trail.head());
    all.close();
  });

  it('that cannot be written are a problem until they can', async () => {
    anchorFile = join(site.directory, 'not-there', 'anchors');
    const all = anchors();
    all.anchor();
    await all.idle();
    expect(all.problems()).toEqual([expect.stringMatching(/could not be anchored in the file .*ENOENT/)]);
    all.close();
  });

  it('keep apart from a line that a crash tore', async () => {
    writeFileSync(anchorFile, '{"at":17');
    await anchored();
    expect(readFileSync(anchorFile, 'utf8')).toMatch(/^\{"at":17\n\{"at":1795000000000,.*\}\n$/);
  });
});
