import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Canary } from './canaries.ts';
import { canariesIn, FOREIGN } from './canaries.ts';
import { EXIT_KINDS, type ExitKind, playStory, type Story } from './secrets-story.ts';

let story: Story;
/** The same day with redaction taken out of the programs. */
let control: Story;

beforeAll(async () => {
  [story, control] = await Promise.all([playStory({ redacted: true }), playStory({ redacted: false })]);
}, 120_000);

afterAll(() => Promise.all([story.stop(), control.stop()]));

function textOf({ exits }: Story, kind: ExitKind): string {
  return exits[kind].map(({ content }) => content.toString()).join('\n');
}

/** What holds none of the words of hosts and people, with or without redaction. */
const WITHOUT_WORDS: readonly ExitKind[] = ['health', 'anchors', 'start that fails'];

/** What a process that only looks, or a recording, cannot know: it recognises the secrets of others all the same. */
function knowable(kind: ExitKind): readonly Canary[] {
  const ofVault = ['clientToken of Vault', 'anchorToken of Vault'];
  if (kind === 'recording') return story.canaries.filter((canary) => !story.known.includes(canary));
  return kind === 'command line' ? story.canaries.filter(({ name }) => !ofVault.includes(name)) : story.canaries;
}

describe('a day at a site that repeats every secret of the bot, where people type secrets and services fail', () => {
  it('met all of that, or it would prove nothing', () => {
    const results = new Set(story.product.slack.calls.map(({ result }) => result));
    expect([...results]).toEqual(expect.arrayContaining(['ok', 'invalid_auth']));
    expect(textOf(story, 'log')).toContain('k8s-node3 is not the pinned host');
    for (const { product } of [story, control])
      expect(product.changes().map((line) => line.split(' ')[1])).toEqual(['tee', 'exportfs']);
    for (const kind of EXIT_KINDS.filter((each) => !WITHOUT_WORDS.includes(each) && each !== 'log'))
      expect(textOf(story, kind).includes('[secret]'), kind).toBe(true);
    const failures = [
      'login-refused',
      'credentials of the reading identity',
      'HTTP status 500',
      'certificate',
      'Everything agrees.',
    ];
    const printed = `${textOf(story, 'command line')}${textOf(story, 'audit trail on the command line')}`;
    for (const words of failures) expect(printed.includes(words), words).toBe(true);
    expect(textOf(story, 'start that fails')).toMatch(/logging in was refused \(403\)[^]*logging in failed with status 500/);
  });

  it.each(EXIT_KINDS)('lets none of them out: %s', (kind) => {
    expect(canariesIn(story.exits[kind], knowable(kind))).toEqual([]);
  });

  it('has no metrics: whoever adds them must have them searched here', () => {
    expect(story.metricsStatus).toBe(404);
  });
});

describe('the search for secrets', () => {
  it('finds every one of them in the world that was looked at, or in what was typed there', () => {
    const found = canariesIn([story.world], story.canaries).join('\n');
    for (const { name } of [...story.known, ...FOREIGN]) expect(found.includes(`${name}, `), name).toBe(true);
  });

  it.each(EXIT_KINDS.filter((kind) => !WITHOUT_WORDS.includes(kind)))('finds some where nothing is redacted: %s', (kind) => {
    expect(canariesIn(control.exits[kind], control.canaries)).not.toEqual([]);
  });

  it('finds some in each file of the state that can hold words, where nothing is redacted', () => {
    const found = canariesIn(control.exits.state, control.canaries).join('\n');
    const files = ['storagebot.db-wal while it runs', 'storagebot.db after the end', 'audit.jsonl', 'copies/'];
    for (const file of [...files, 'FROZEN frozen in Slack', 'FROZEN frozen in a terminal'])
      expect(found.includes(`in ${file}`), file).toBe(true);
  });

  it.each(WITHOUT_WORDS)('has nothing to find even without redaction: %s', (kind) => {
    expect(textOf(control, kind).length).toBeGreaterThan(100);
    expect(canariesIn(control.exits[kind], control.canaries)).toEqual([]);
  });

  const secret = 'xoxb-canary/with+signs & "quotes"';
  const canary = { name: 'canary', secret };
  const inBase64 = (before: string) => Buffer.from(`${before}${secret}@host`).toString('base64');

  it.each([
    ['as it is', `token ${secret}.`],
    ['as JSON', JSON.stringify({ secret })],
    ['as JSON in JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['as Slack escapes it', secret.replace('&', '&amp;')],
    ['URL-encoded', `https://example.net/?token=${encodeURIComponent(secret)}`],
    ['in base64 at offset 0', inBase64('')],
    ['in base64 at offset 1', inBase64('u')],
    ['in base64 at offset 2', inBase64('u:')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ])('finds a secret that is there %s', (form, content) => {
    expect(canariesIn([{ name: 'a copy', content }], [canary])).toEqual([`canary, ${form}, in a copy`]);
  });

  it('finds each of the real ones in a copy of the journal to which it was added', async () => {
    const journal = await readFile(join(story.product.site.directory, 'state', 'storagebot.db'));
    for (const canary of story.canaries) {
      const content = Buffer.concat([journal, Buffer.from(canary.secret)]);
      expect(canariesIn([{ name: 'the copy', content }], [canary])).toContain(`${canary.name}, as it is, in the copy`);
    }
  });
});
