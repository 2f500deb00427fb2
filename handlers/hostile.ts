import { escaped } from '../src/slack/blocks.ts';
import { shortened, visible } from '../src/slack/visible.ts';

const ECHO_MAX = 60;
const NOT_PLAIN = /[^\w.:/@=+,% -]/u;

/** The first character that no name has, described so that also an invisible one or a look-alike is recognised. */
export function strangeCharacter(text: string): string | undefined {
  const strange = NOT_PLAIN.exec(text)?.[0];
  return strange === undefined ? undefined : describe(strange);
}

/** A short quotation of foreign text in mrkdwn that can notify nobody, link nowhere and format nothing. */
export function echoed(text: string): string {
  const quiet = visible(text).replaceAll('`', "'").replaceAll(/\s+/g, ' ').replaceAll('@', '@\u{2060}');
  return `\`${escaped(shortened(quiet, ECHO_MAX)) || ' '}\``;
}

function describe(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  if (/[\p{Cc}\p{Cf}\p{Z}\p{Cs}\p{M}]/u.test(character)) return `an invisible character (${code})`;
  if (/[‘’‚‛“”„‟«»]/.test(character)) return `a typographic quotation mark (${code}; names need no quotation marks)`;
  if (/[‐-―−]/.test(character)) return `a typographic dash (${code}; type \`-\`)`;
  if (/\p{L}/u.test(character)) return `a letter that only looks like a plain one or is none (${code})`;
  return `the character ${escaped(character).replaceAll('`', 'backtick')} (${code})`;
}
