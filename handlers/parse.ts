import leven from 'leven';
import { calledBy, waysToCall } from '../src/core/called.ts';
import { type Clean, cleanText } from '../src/redaction/index.ts';
import { escaped } from '../src/slack/blocks.ts';
import { decodeIncident } from '../src/slack/incident-buttons.ts';
import { echoed, strangeCharacter } from './hostile.ts';
import type { Control } from './parse-control.ts';
import { CONTROLS, parseControl } from './parse-control.ts';
import type { Callable } from './words.ts';
import { helpText, INCIDENTS, UNDO, usageOf } from './words.ts';

/** What a person asked for. `says` is mrkdwn that is safe to show, whatever was typed. */
export type ParsedRequest =
  | { readonly kind: 'run'; readonly runbook: Callable; readonly arguments: readonly string[] }
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'incidents'; readonly about?: string }
  | { readonly kind: 'help'; readonly says: string }
  | { readonly kind: 'refused'; readonly says: string };

const MAX_LENGTH = 300;

/** Finds the runbook that these words call. What follows its words are its arguments, and the engine judges those. */
export function parseRequest(text: string, ofSite: readonly Callable[], clean: Clean = cleanText): ParsedRequest {
  const runbooks = [...ofSite, UNDO];
  const typed = clean(unescaped(text).trim());
  const control = parseControl(typed);
  if (control !== undefined) return 'refused' in control ? refused(escaped(control.refused)) : { kind: 'control', control };
  const problem = whyUnreadable(typed);
  if (problem !== undefined) return refused(problem);
  const words = typed.split(/ +/).filter((word) => word !== '');
  if (words.length === 0 || words[0]?.toLowerCase() === 'help') return { kind: 'help', says: helpText(runbooks, words.slice(1)) };
  if (words[0]?.toLowerCase() === 'incidents') return incidents(words.slice(1));
  const call = calledBy(words, runbooks);
  if (call === undefined) return refused(unknownWords(words, runbooks));
  return { kind: 'run', runbook: call.called, arguments: words.slice(call.takes) };
}

function incidents([about, ...more]: readonly string[]): ParsedRequest {
  if (about === undefined) return { kind: 'incidents' };
  if (more.length === 0 && decodeIncident(about) !== undefined) return { kind: 'incidents', about };
  return refused(`Type \`/storage ${escaped(INCIDENTS.usage)}\`: each message of an incident names it.`);
}

/** What follows the mention in `<@U…> diagnose nfs immich`. */
export function withoutMention(text: string): string {
  return text.replace(/^\s*<@[UW][A-Z0-9]+(\|[^>]*)?>\s*/, '');
}

/** Undoes what Slack does to typed text: three escapes, and links made of host names. */
function unescaped(text: string): string {
  return text
    .replaceAll(/<https?:\/\/[^<|>\s]+\|([^<|>\s]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function whyUnreadable(typed: string): string | undefined {
  if (typed.length > MAX_LENGTH) return `That is too long: ${typed.length} characters, and a request has at most ${MAX_LENGTH}.`;
  if (/[\r\n]/.test(typed)) return 'A request is one line. Send one request at a time.';
  if (/<[@#!]/.test(typed))
    return 'A request names services and nodes in plain words, without mentions of people, groups or channels.';
  const strange = strangeCharacter(typed);
  if (strange === undefined) return undefined;
  return `I do not take ${strange} in a request: ${echoed(typed)}. Type plain letters, digits and \`. _ : / @ = + , % -\` only.`;
}

function unknownWords(words: readonly string[], runbooks: readonly Callable[]): string {
  const near = nearest(words, runbooks);
  const known = runbooks.map((runbook) => `\`${runbook.words.join(' ')}\``).toSorted();
  const guess = near === undefined ? '' : ` Did you mean \`/storage ${near}\`?`;
  return `I do not know ${echoed(words.join(' '))}.${guess} I know ${known.join(', ')}; \`/storage help\` says what each does.`;
}

/** How the runbook or control with the most similar words is called, safe in mrkdwn. */
function nearest(words: readonly string[], runbooks: readonly Callable[]): string | undefined {
  const known = [
    ...runbooks.flatMap((one) => waysToCall(one).map((words) => ({ called: words, usage: usageOf({ ...one, words }) }))),
    ...Object.entries(CONTROLS).map(([word, { usage }]) => ({ called: [word], usage: escaped(usage) })),
    { called: ['incidents'], usage: escaped(INCIDENTS.usage) },
  ];
  const distances = known.map(({ called, usage }) => {
    const name = called.join(' ');
    const typed = words.slice(0, called.length).join(' ').toLowerCase();
    return { usage, share: leven(typed, name) / name.length };
  });
  const best = distances.toSorted((a, b) => a.share - b.share)[0];
  return best !== undefined && best.share <= 0.5 ? best.usage : undefined;
}

function refused(says: string): ParsedRequest {
  return { kind: 'refused', says };
}
