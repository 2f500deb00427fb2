import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Heard {
  readonly words: readonly string[];
  /** What stood on standard input, where the line gives any. */
  readonly input: string;
}

/**
 * What bash makes of each of these command lines: the words that a program would get, and its standard input. This shell finds no
 * program, so that a line which is read wrongly can do no more than fail a test.
 */
export function heardByBash(lines: readonly string[], directory: string): readonly Heard[] {
  const report = [
    'report() { printf "%s\\0" "$#" "$@"; if [ ! /dev/stdin -ef "$nothing" ]; then IFS= read -r -d "" input; printf "%s" "$input"; fi; printf "\\0"; }',
    'nothing=/dev/null',
  ];
  const script = [...report, ...lines.map((line) => `report ${line}`)].map((line) => `${line}\n`).join('');
  const file = join(directory, 'lines.sh');
  writeFileSync(file, script);
  const empty = join(directory, 'empty');
  const ran = spawnSync('/bin/bash', ['--norc', file], {
    env: { PATH: empty },
    cwd: empty,
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0 || ran.stderr.length > 0)
    throw new Error(`bash ended with ${ran.status}: ${ran.stderr.toString().slice(0, 2_000)}`);
  return reportsIn(ran.stdout.toString('utf8'), lines.length);
}

function reportsIn(text: string, expected: number): Heard[] {
  const fields = text.split('\0');
  const heard: Heard[] = [];
  let at = 0;
  while (at < fields.length - 1) {
    const count = Number(fields[at]);
    heard.push({ words: fields.slice(at + 1, at + 1 + count), input: fields[at + 1 + count] ?? '' });
    at += count + 2;
  }
  if (heard.length !== expected) throw new Error(`${expected} lines were given to bash, and ${heard.length} were heard`);
  return heard;
}
