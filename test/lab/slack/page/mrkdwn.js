import { el, preformatted } from './dom.js';
import { withIcons } from './icons.js';

/** What names and emoji mean; filled in when the state arrives. */
export const dictionary = { users: new Map(), channels: new Map(), emoji: {} };

const INLINE = [
  [/```([\s\S]+?)```/, (match) => preformatted(unescape(match[1].replace(/^\n|\n$/g, '')))],
  [/`([^`\n]+)`/, (match) => el('code', {}, unescape(match[1]))],
  [/<([^<>\n]+)>/, (match) => bracket(match[1])],
  [/(?<![\w*])\*(?=\S)([^*\n]*[^\s*])\*(?![\w*])/, (match) => el('b', {}, mrkdwnInline(match[1]))],
  [/(?<![\w_])_(?=\S)([^_\n]*[^\s_])_(?![\w_])/, (match) => el('i', {}, mrkdwnInline(match[1]))],
  [/(?<![\w~])~(?=\S)([^~\n]*[^\s~])~(?![\w~])/, (match) => el('s', {}, mrkdwnInline(match[1]))],
];

/** Slack's mrkdwn as nodes: quotes by line, the rest inline. */
export function mrkdwn(text) {
  const nodes = [];
  const parts = text.split(/((?:^(?:&gt;|>) ?.*(?:\n|$))+)/m);
  parts.forEach((part, index) => {
    if (index % 2 === 0) nodes.push(...mrkdwnInline(part));
    else nodes.push(el('blockquote', {}, mrkdwnInline(part.replaceAll(/^(?:&gt;|>) ?/gm, '').replace(/\n$/, ''))));
  });
  return nodes;
}

export function mrkdwnInline(text) {
  let first;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (first === undefined || match.index < first.match.index)) first = { match, make };
  }
  if (first === undefined) return plain(unescape(text));
  const { match, make } = first;
  const rest = text.slice(match.index + match[0].length);
  return [...plain(unescape(text.slice(0, match.index))), make(match), ...(rest === '' ? [] : mrkdwnInline(rest))];
}

/** Text with its :shortcodes: as emoji. */
export function plain(text) {
  return withIcons(text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name) => dictionary.emoji[name] ?? whole));
}

export function mention(id) {
  return el('span', { className: 'mention' }, `@${dictionary.users.get(id) ?? id}`);
}

export function channelLink(id) {
  return el('span', { className: 'mention' }, `#${dictionary.channels.get(id) ?? id}`);
}

export function link(url, label) {
  if (!/^(https?|mailto):/.test(url)) return el('span', {}, label ?? url);
  return el('a', { href: url, target: '_blank', rel: 'noreferrer' }, label ?? url);
}

/** Slack's date tokens, in the time zone of the browser. */
export function date(seconds, format) {
  const at = new Date(Number(seconds) * 1000);
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const day = at.toLocaleDateString([], { year: 'numeric', month: 'short', day: 'numeric' });
  const words = { time, time_secs: at.toLocaleTimeString(), date_num: at.toISOString().slice(0, 10), ago: ago(at) };
  return format.replaceAll(/\{(\w+)\}/g, (_, token) => words[token] ?? day);
}

function ago(at) {
  const seconds = Math.round((Date.now() - at.getTime()) / 1000);
  if (seconds < 60) return 'just now';
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;
}

function bracket(inside) {
  const [target, label] = inside.split('|');
  if (target.startsWith('@')) return mention(target.slice(1));
  if (target.startsWith('#')) return channelLink(target.slice(1));
  if (target.startsWith('!date^')) {
    const [, seconds, format] = target.split('^');
    return el('span', { className: 'date' }, date(seconds, format));
  }
  if (target.startsWith('!subteam^')) return el('span', { className: 'mention' }, label ?? '@group');
  if (target.startsWith('!')) return el('span', { className: 'mention' }, `@${target.slice(1)}`);
  return link(unescape(target), label === undefined ? undefined : unescape(label));
}

function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
