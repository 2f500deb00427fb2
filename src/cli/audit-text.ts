import { keyIdOf } from '../audit/chain.ts';
import type { Counted, Examined, ToExamine } from '../audit/examine.ts';
import { count } from '../audit/words.ts';
import { visible } from '../slack/visible.ts';

/** What was checked, in numbers, and what does not agree. */
export function verificationText({ stateDirectory, key }: ToExamine, examined: Examined): string {
  const { table, file, anchors, compared, older, dropped, problems } = examined;
  const lines = [
    `The audit trail in ${stateDirectory}, with key ${keyIdOf(key)}`,
    row('database', counted(table)),
    row('file', counted(file)),
    ...anchors.map(({ where, count: number }) => row('anchors', `${number} of ${where}`)),
    row('evidence', `${count(compared.outputs, 'output')} compared with the recordings`),
    row(
      'journal',
      `${count(compared.runs, 'run')}, ${count(compared.steps, 'step')} and ${count(compared.decisions, 'decision')} compared`,
    ),
    ...(dropped === 0 ? [] : [row('', `${count(dropped, 'run')} whose outputs were dropped because of their age`)]),
    ...(older === 0 ? [] : [row('', `${count(older, 'run')} from before there was a trail`)]),
    ...(problems.length === 0 ? ['Everything agrees.'] : [`NOT EVERYTHING AGREES: ${count(problems.length, 'problem')}.`]),
    ...problems.map(({ says }) => `  ${says}`),
  ];
  return `${visible(lines.join('\n'))}\n`;
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(9)} ${text}`;
}

function counted({ lines, head }: Counted): string {
  return `${count(lines, 'line')}, up to ${head.seq}:${head.mac.slice(0, 16)}`;
}
