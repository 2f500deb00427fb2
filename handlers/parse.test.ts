import { describe, expect, it } from 'vitest';
import type { Runbook } from '../src/core/runbook.ts';
import type { UndoParts } from '../src/engine/undo.ts';
import { undoRunbook } from '../src/engine/undo.ts';
import { fc } from '../test/seed.ts';
import { parseRequest, withoutMention } from './parse.ts';
import { UNDO } from './words.ts';

function runbook(id: string, words: readonly string[], changes = true): Runbook {
  return { id, words, usage: '<service>', title: `About ${words.join(' ')}`, codes: {}, changes } as unknown as Runbook;
}

const runbooks = [
  { ...runbook('diagnose-nfs', ['diagnose', 'nfs']), alsoWords: [['fix', 'nfs']] as const },
  runbook('diagnose-pvc', ['diagnose', 'pvc'], false),
  runbook('thin-pool', ['thin']),
];
const parse = (text: string) => parseRequest(text, runbooks);

describe('a request', () => {
  it.each([
    ['diagnose nfs immich', 'diagnose-nfs', ['immich']],
    ['  Diagnose   NFS  Immich ', 'diagnose-nfs', ['Immich']],
    ['diagnose pvc immich/data-0', 'diagnose-pvc', ['immich/data-0']],
    ['diagnose nfs <http://nas.example.net|nas.example.net>', 'diagnose-nfs', ['nas.example.net']],
    ['fix nfs immich', 'diagnose-nfs', ['immich']],
    ['thin', 'thin-pool', []],
  ])('"%s" calls %s', (text, id, words) => {
    expect(parse(text)).toMatchObject({ kind: 'run', runbook: { id }, arguments: words });
  });

  it.each(['', '   ', 'help', 'HELP me'])('"%s" asks for help, which lists how every runbook is called', (text) => {
    const parsed = parse(text);
    expect(parsed.kind).toBe('help');
    const says = 'says' in parsed ? parsed.says : '';
    expect(says).toContain('• *diagnose* `nfs &lt;service&gt;`, `pvc');
    expect(says).toContain('• *fix* `nfs &lt;service&gt;`');
    expect(says).toContain('• *thin* `&lt;service&gt;`');
    for (const usage of [
      'freeze <reason>',
      'unfreeze <reason>',
      'cancel <run> <reason>',
      'takeover <run> <reason>',
      'maintenance <2h|end> <reason>',
    ])
      expect(says).toContain(`• \`${usage.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\``);
  });

  it('for help with a first word is told what each of these is for', () => {
    const parsed = parse('help Fix');
    expect('says' in parsed && parsed.says.split('\n')).toEqual([
      '• `/storage diagnose nfs &lt;service&gt;` or `/storage fix nfs &lt;service&gt;`: About diagnose nfs',
      'I look without changing anything. Each change waits for its own approval.',
    ]);
    const both = parse('help diagnose');
    expect('says' in both && both.says).toContain('About diagnose pvc (looks only)');
  });

  it.each([
    ['diagnos nfs immich', 'Did you mean `/storage diagnose nfs &lt;service&gt;`?'],
    ['diagnose nsf immich', 'Did you mean `/storage diagnose nfs'],
    ['fix nsf immich', 'Did you mean `/storage fix nfs'],
    ['thinn', 'Did you mean `/storage thin'],
    ['reboot everything', 'I do not know `reboot everything`. I know `diagnose nfs`'],
  ])('"%s" is unknown, and the answer names the nearest runbook', (text, says) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ kind: 'refused' });
    expect('says' in parsed && parsed.says).toContain(says);
  });

  it.each([
    ['a shell command', 'diagnose nfs immich; rm -rf /', 'the character ;'],
    ['a substitution', 'diagnose nfs $(reboot)', 'the character $'],
    ['a backtick', 'diagnose nfs `id`', 'the character backtick'],
    ['two lines', 'diagnose nfs immich\nrm -rf /', 'one line'],
    ['a secret', 'diagnose nfs hvs.CANARYcanary0123456789', '`diagnose nfs [secret]`'],
    ['10 kB', `diagnose nfs ${'x'.repeat(10_000)}`, 'too long: 10013 characters'],
    ['a Cyrillic letter', 'diagnose nfs іmmich', 'looks like a plain one or is none (U+0456)'],
    ['typographic quotes', 'diagnose nfs “immich”', 'a typographic quotation mark (U+201C'],
    ['a typographic dash', 'diagnose nfs immich —force', 'a typographic dash (U+2014'],
    ['escaped markup', 'diagnose nfs &lt;b&gt;', 'the character &lt;'],
    ['a mention', 'diagnose nfs <@U123>', 'without mentions'],
    ['a group mention', 'diagnose nfs <!channel>', 'without mentions'],
    ['an escaped mention', 'diagnose nfs &lt;!channel&gt;', 'without mentions'],
    ['a zero-width space', 'diagnose nfs imm\u200bich', 'an invisible character (U+200B)'],
    ['a right-to-left override', 'diagnose nfs \u202ehcimmi', 'an invisible character (U+202E)'],
    ['a no-break space', 'diagnose\u00a0nfs immich', 'an invisible character (U+00A0)'],
    ['a null', 'diagnose nfs \u0000', 'an invisible character (U+0000)'],
    ['half a character', 'diagnose nfs \ud800', '(U+D800)'],
  ])('with %s is refused in words', (_what, text, says) => {
    const parsed = parse(text);
    expect(parsed.kind).toBe('refused');
    expect('says' in parsed && parsed.says).toContain(says);
  });

  it('takes back what a run did: the engine knows that runbook without being told of it', () => {
    const parsed = parse('undo 1f2e3d');
    expect(parsed).toEqual({ kind: 'run', runbook: UNDO, arguments: ['1f2e3d'] });
    expect(undoRunbook({} as UndoParts)).toMatchObject(UNDO);
  });

  it.each([
    ['freeze the NAS makes noises', { does: 'freeze', reason: 'the NAS makes noises' }],
    ['  FREEZE   disk\n is "hot" ‼ ', { does: 'freeze', reason: 'disk is "hot" ‼' }],
    ['unfreeze disk replaced', { does: 'unfreeze', reason: 'disk replaced' }],
    ['maintenance 2h new disks', { does: 'maintenance', forMs: 7_200_000, reason: 'new disks' }],
    ['Maintenance END they are in', { does: 'maintenance', reason: 'they are in' }],
    ['cancel 1f2e3d wrong &amp; late', { does: 'cancel', run: '1f2e3d', reason: 'wrong & late' }],
    ['takeover 1f2e3d immich comes first', { does: 'takeover', run: '1f2e3d', reason: 'immich comes first' }],
    ['freeze \u202eeman', { does: 'freeze', reason: '\\u{202e}eman' }],
  ])('"%s" is a word over the bot or a run, with its reason on one line', (text, control) => {
    expect(parse(text)).toEqual({ kind: 'control', control });
  });

  it.each([
    ['freeze', 'Say why, so that others can judge it: `/storage freeze &lt;reason&gt;`.'],
    ['unfreeze ', 'Say why'],
    ['maintenance', 'For how long? Type `/storage maintenance &lt;2h|end&gt; &lt;reason&gt;`'],
    ['maintenance tonight new disks', 'For how long?'],
    ['maintenance 2h', 'Say why'],
    ['maintenance end', 'Say why'],
    ['cancel 1f2e3d', 'Say why'],
    ['takeover 1f2e3d', 'Say why'],
    ['cancel', 'Which run? Type `/storage cancel &lt;run&gt; &lt;reason&gt;`'],
    ['takeover <!channel> because', 'Which run?'],
    ['freez the NAS', 'Did you mean `/storage freeze &lt;reason&gt;`?'],
  ])('"%s" is refused, and the answer says what is missing', (text, says) => {
    const parsed = parse(text);
    expect(parsed.kind).toBe('refused');
    expect('says' in parsed && parsed.says).toContain(says);
  });

  it('of any text runs with plain words only, and its answer is short, notifies nobody and links nowhere', () => {
    const hostile = fc.constantFrom(
      '<!channel>',
      '<!here|x>',
      '<@U123>',
      '&lt;!everyone&gt;',
      '@channel',
      '`',
      'diagnose',
      'nfs',
      ' ',
      '<http://x|y>',
    );
    const anyText = fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' })), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parse(text);
        const ran = parsed.kind === 'run' ? parsed.arguments : [];
        const says = 'says' in parsed ? parsed.says : '';
        expect(ran.filter((word) => !/^[\w.:/@=+,%-]+$/.test(word))).toEqual([]);
        expect(says.length).toBeLessThan(1_200);
        expect(says).not.toMatch(/<|@(channel|here|everyone)/);
        expect(says.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a mention', () => {
  it.each([
    ['<@U0BOT> diagnose nfs immich', 'diagnose nfs immich'],
    ['  <@U0BOT|storagebot>  help', 'help'],
    ['<@U0BOT>', ''],
    ['<@U0BOT> diagnose nfs <@U0BOT>', 'diagnose nfs <@U0BOT>'],
  ])('"%s" is the request "%s"', (text, request) => {
    expect(withoutMention(text)).toBe(request);
  });
});
