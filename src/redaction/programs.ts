import { cleanForm, type Form } from './tokens.ts';

/** How a known program or the file of a known program is given a password. */
interface Usage extends Form {
  /** Where such a line is, as far as it may reach; absent: anywhere. */
  readonly line?: RegExp;
}

const usages: readonly Usage[] = [
  {
    hints: ['mysql', 'mariadb'],
    line: /\b(?:mysql|mariadb)[\w-]{0,20} [^\n|;&"]{1,300}/g,
    find: /(?<keep>[ \t]-p)[^\s"'\\-][^\s"'\\]{0,200}/g,
  },
  {
    hints: ['curl '],
    line: /\bcurl [^\n|;&]{1,300}/g,
    find: /(?<keep>(?:-u|--user)[ =]?\\{0,15}["']?[^\s:"'\\]{1,80}:)[^\s"'\\]{1,200}/g,
  },
  { hints: ['redis-cli '], line: /\bredis-cli [^\n|;&"]{1,300}/g, find: /(?<keep>[ \t]-a )[^\s"'\\]{1,200}/g },
  { hints: ['sshpass'], find: /(?<keep>\bsshpass {1,8}-p ?)[^\s"'\\]{1,200}/g },
  { hints: ['requirepass', 'masterauth'], find: /(?<keep>\b(?:requirepass|masterauth)[ \t]{1,8}"?)[^\s"'\\]{1,200}/g },
  { hints: ['login '], find: /(?<keep>\blogin [^\s"'\\]{1,80}[ \t]{1,8}password[ \t]{1,8})[^\s"'\\]{1,200}/g },
  {
    // Of ctl.conf; a secret of CHAP has at least twelve characters.
    hints: ['chap'],
    find: /(?<keep>\bchap(?:-mutual)?[ \t]{1,8}"?[^\s"\\]{1,223}"?[ \t]{1,8}"?)[^\s"'\\]{12,223}/g,
  },
  { hints: ['inguser'], find: /(?<keep>\b(?:incoming|outgoing)user[ \t]{1,8}[^\s"'\\]{1,223}[ \t]{1,8})[^\s"'\\]{1,223}/gi },
  {
    hints: ['dentified', 'DENTIFIED'],
    find: /(?<keep>\bidentified (?:with \w{1,40} )?by (?:password )?')[^'\n\\]{1,200}/gi,
  },
];

/** Replaces the passwords that stand where only the program around them shows what they are. */
export function cleanPrograms(text: string): string {
  return usages.reduce(cleanUsage, text);
}

function cleanUsage(text: string, usage: Usage): string {
  if (usage.line === undefined || !usage.hints.some((hint) => text.includes(hint))) return cleanForm(text, usage);
  return text.replace(usage.line, (line) => cleanForm(line, { ...usage, hints: [''] }));
}
