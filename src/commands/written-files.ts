import type { Host } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import { boundedAsRoot, linesOf } from './bounded.ts';

/** Seconds since 1970, by the clock of the server. */
export interface Window {
  readonly fromS: number;
  readonly toS: number;
}

/** A large directory may take longer than its bound: then what was found so far proves nothing, and is not taken. */
const FIND_S = 8;

/** Files below the path, on its own file system, that were last written in the window. */
export function filesWritten(nas: Host, path: string, { fromS, toS }: Window) {
  const inWindow = ['-newermt', utc(fromS), '!', '-newermt', utc(toS)];
  return defineRead<readonly string[]>({
    asks: `Which files below ${path} on ${nas.name} were written between ${utc(fromS)} and ${utc(toS)}?`,
    command: boundedAsRoot(nas, FIND_S, ['find', operand(path), '-xdev', '-type', 'f', ...inWindow, '-print']),
    answers: [0],
    parse: ({ stdout }) => {
      const files = linesOf(stdout);
      const other = files.find((file) => !file.startsWith('/'));
      if (other !== undefined) throw new Error(`not a path: ${other}`);
      return files;
    },
  });
}

/** A form that GNU's find and FreeBSD's both understand; each knows others that the other does not. */
function utc(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
