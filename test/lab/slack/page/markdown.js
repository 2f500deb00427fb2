import { el, preformatted } from './dom.js';
import { link, plain } from './mrkdwn.js';

/** Standard Markdown, as much as Slack's markdown block shows. */
export function markdown(text) {
  const lines = text.split('\n');
  const nodes = [];
  while (lines.length > 0) nodes.push(...next(lines));
  return nodes;
}

/** Takes the lines of the next piece off the list. */
function next(lines) {
  const line = lines[0];
  if (line.trim() === '') {
    lines.shift();
    return [];
  }
  if (line.startsWith('```')) return [fence(lines)];
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading) {
    lines.shift();
    return [el(heading[1].length === 1 ? 'h3' : 'h4', {}, inline(heading[2]))];
  }
  if (/^(-{3,}|\*{3,})\s*$/.test(line)) {
    lines.shift();
    return [el('hr')];
  }
  if (/^\|.*\|\s*$/.test(line)) return [table(take(lines, /^\|/))];
  if (/^\s*([-*+]|\d+[.)]) /.test(line)) return [list(take(lines, /^\s*([-*+]|\d+[.)]) |^ {2,}\S/))];
  if (line.startsWith('>')) return [el('blockquote', {}, ...broken(take(lines, /^>/).map((quoted) => quoted.replace(/^> ?/, ''))))];
  return [el('p', {}, ...broken(take(lines, /^(?!```|#{1,6} |\||>|\s*[-*+] )\s*\S/)))];
}

function take(lines, pattern) {
  const taken = [lines.shift()];
  while (lines.length > 0 && pattern.test(lines[0])) taken.push(lines.shift());
  return taken;
}

function fence(lines) {
  lines.shift();
  const end = lines.findIndex((line) => line.startsWith('```'));
  const code = lines.splice(0, end < 0 ? lines.length : end);
  lines.shift();
  return preformatted(code.join('\n'));
}

function list(lines) {
  const ordered = /^\s*\d/.test(lines[0]);
  const items = lines.map((line) => el('li', {}, inline(line.replace(/^\s*([-*+]|\d+[.)])? */, ''))));
  return el(ordered ? 'ol' : 'ul', {}, items);
}

function table(lines) {
  const rows = lines.filter((line) => !/^\|[\s:|-]+\|\s*$/.test(line)).map((line) => line.trim().slice(1, -1).split('|'));
  const cells = (row, tag) => row.map((cell) => el(tag, {}, inline(cell.trim())));
  const [head, ...body] = rows;
  return el('table', { className: 'grid' }, el('tr', {}, cells(head, 'th')), body.map((row) => el('tr', {}, cells(row, 'td'))));
}

function broken(lines) {
  return lines.flatMap((line, index) => (index === 0 ? inline(line) : [el('br'), ...inline(line)]));
}

const INLINE = [
  [/`([^`]+)`/, (match) => el('code', {}, match[1])],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, (match) => link(match[2], match[1])],
  [/\*\*([^*]+)\*\*/, (match) => el('b', {}, inline(match[1]))],
  [/(?<!\w)[*_]([^*_\s][^*_]*)[*_](?!\w)/, (match) => el('i', {}, inline(match[1]))],
  [/~~([^~]+)~~/, (match) => el('s', {}, inline(match[1]))],
];

function inline(text) {
  let first;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (first === undefined || match.index < first.match.index)) first = { match, make };
  }
  if (first === undefined) return plain(text);
  const { match, make } = first;
  return [...plain(text.slice(0, match.index)), make(match), ...inline(text.slice(match.index + match[0].length))];
}
