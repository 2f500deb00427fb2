import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { auditSite, KEY, writeRun } from './audit-site.ts';
import { anchored, anchorFile, config, site, storagebot } from './audit-terminal.ts';

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
