import { describe, expect, it } from 'vitest';
import { fc } from '../seed.ts';
import { writeRun } from './audit-site.ts';
import { site, storagebot } from './audit-terminal.ts';

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
