import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import type { Intervention } from '../core/run.ts';

/** While it is on, nothing is changed anywhere. It is a file, so that it works without the bot, its database and Slack. */
export interface KillSwitch {
  /** Who froze the bot, why and when; undefined while it may change things. */
  readonly state: () => Intervention | undefined;
  /** Holds from now on. Throws when it could not be written down: then it holds until the process ends. */
  readonly freeze: (word: Intervention) => void;
  readonly unfreeze: () => void;
}

const FILE = 'FROZEN';
const Word = z.object({ actor: z.object({ id: z.string(), name: z.string() }), reason: z.string(), at: z.number() });

/** `clean` takes secrets out of what somebody else has written into the file. */
export function createKillSwitch(directory: string, clean: (text: string) => string = (text) => text): KillSwitch {
  const file = join(directory, FILE);
  let unwritten: Intervention | undefined;
  return {
    state: () => (isThere(file) ? cleaned(wordIn(file), clean) : unwritten),
    freeze(word) {
      unwritten = word;
      writeDurably(file, JSON.stringify(word));
      unwritten = undefined;
    },
    unfreeze() {
      rmSync(file, { force: true });
      syncDirectory(directory);
      unwritten = undefined;
    },
  };
}

/** True also for a link that leads nowhere, and where it cannot be looked: only a directory that was seen to lack it is not frozen. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** A file that somebody made by hand says as much as one that we wrote. */
function wordIn(file: string): Intervention {
  try {
    return Word.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = `the file ${file} is there (${messageOf(error).split('\n')[0]})`;
    return { actor: { id: 'cli:unknown', name: 'somebody on the machine of the bot' }, reason, at: 0 };
  }
}

function cleaned({ actor: { id, name }, reason, at }: Intervention, clean: (text: string) => string): Intervention {
  return { actor: { id, name: clean(name) }, reason: clean(reason), at };
}

function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
  syncDirectory(join(file, '..'));
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** For a person who wants a change. */
export function frozenWords({ actor, reason, at }: Intervention): string {
  const since = at === 0 ? '' : ` since ${new Date(at).toISOString()}`;
  return `Frozen by ${actor.name}${since}: ${reason}. Nothing is changed anywhere until somebody unfreezes the bot.`;
}
