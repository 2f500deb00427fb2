import type {
  ContextBlock,
  HeaderBlock,
  RichTextBlock,
  RichTextElement,
  RichTextPreformatted,
  RichTextSection,
  RichTextStyleable,
} from '@slack/types';
import { ruleOf } from '../core/actors.ts';
import type { Actor } from '../core/run.ts';
import { oneLine, shortened, visible } from './visible.ts';
import { instant } from './words.ts';

/** Rich text carries foreign words: Slack reads no formatting, link or mention in them. */
export type Rich = RichTextElement;

const HEADER_MAX = 150;
const NAME_MAX = 80;
const FALLBACK_MAX = 1_000;

export function words(text: string, style?: NonNullable<RichTextStyleable['style']>): Rich {
  return { type: 'text', text: visible(text) || ' ', ...(style === undefined ? {} : { style }) };
}

export function bold(text: string): Rich {
  return words(text, { bold: true });
}

export function code(text: string): Rich {
  return words(text, { code: true });
}

/** A person who can be notified, or the plain name of somebody outside Slack. */
export function person({ id, name }: Actor): Rich {
  return isSlackUser(id) ? { type: 'user', user_id: id } : words(shortened(oneLine(name), NAME_MAX));
}

/** Who decided: a person, or a rule with the person who answers for it. */
export function decider(actor: Actor): readonly Rich[] {
  const rule = ruleOf(actor);
  if (rule === undefined) return [person(actor)];
  const { runbook, allowedBy } = rule;
  return [words(`the rule for ${runbook} (allowed by `), person({ id: allowedBy, name: allowedBy }), words(')')];
}

export function isSlackUser(id: string): boolean {
  return /^[UW][A-Z0-9]{2,20}$/.test(id);
}

/** A moment in the reader's own time zone. */
export function moment(ms: number): Rich {
  return { type: 'date', timestamp: Math.floor(ms / 1000), format: '{date_short_pretty} {time_secs}', fallback: instant(ms) };
}

export function paragraph(...elements: Rich[]): RichTextSection {
  return { type: 'rich_text_section', elements };
}

/** Text in which every character stands for itself: nothing in it can end the block. */
export function preformatted(text: string): RichTextPreformatted {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text: visible(text) || ' ' }] };
}

export function rich(...elements: (RichTextSection | RichTextPreformatted)[]): RichTextBlock {
  return { type: 'rich_text', elements };
}

/** At most 150 characters; the whole text must stand elsewhere too. */
export function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: shortened(oneLine(text) || ' ', HEADER_MAX), emoji: false } };
}

/** Small print; the argument is mrkdwn that is escaped already. */
export function context(mrkdwn: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn, verbatim: true }] };
}

/** The moment as mrkdwn. */
export function mrkdwnMoment(ms: number): string {
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${instant(ms)}>`;
}

/** Foreign text inside mrkdwn: it can name nobody and link nowhere. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What a notification shows. */
export function fallback(text: string): string {
  return escaped(shortened(oneLine(text), FALLBACK_MAX));
}
