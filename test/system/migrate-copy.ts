import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { MIGRATE_COPY, parseCopied } from '../../src/commands/copy-scripts.ts';
import { peer } from '../peers.ts';

// The very text that the Job runs, with rsync, find, sha256sum and sqlite3 of this machine, on directories in place of volumes.

const [rsync, sqlite] = [peer('rsync'), peer('sqlite3')];
export const isRoot = process.getuid?.() === 0;
const EVERY_FILE = 1_000_000_000;

/** New for each test. */
export const volumes = { directory: '', source: '', target: '' };

export function useVolumes(): void {
  beforeEach(() => {
    const directory = mkdtempSync(join(tmpdir(), 'migrate-'));
    Object.assign(volumes, { directory, source: join(directory, 'source'), target: join(directory, 'target') });
    mkdirSync(volumes.source);
    mkdirSync(volumes.target);
  });
  afterEach(() => rmSync(volumes.directory, { recursive: true, force: true }));
}

/** Of the copy that runs. */
export const OWN = 'storagebot-2-2-copy of source-uid';
/** Of one that failed. */
export const FAILED = 'storagebot-1-2-copy of source-uid';

export interface Given {
  readonly own?: string;
  /** The marks of copies that failed. */
  readonly failed?: readonly string[];
  /** When the last of them had ended for good, in seconds since 1970. */
  readonly since?: number;
  readonly hashed?: number;
  /** Programs that take the place of others, by their names. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

export function run({ own = OWN, failed = [], since, hashed = EVERY_FILE, programs = {}, uid }: Given = {}) {
  const { directory, source, target } = volumes;
  const [bin, result] = [join(directory, 'bin'), join(directory, 'result')];
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin);
  rmSync(result, { force: true });
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  const ended = since ?? (failed.length > 0 ? Date.now() / 1_000 : 0);
  const args = [source, target, `${hashed}`, result, own, `${ended}`, ...failed];
  // A session of its own: a program in it may end all of it at once with signal 9.
  const words = ['--wait', '/bin/bash', '-euo', 'pipefail', '-c', MIGRATE_COPY.text, MIGRATE_COPY.name, ...args];
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, TMPDIR: directory };
  const { status, stderr } = spawnSync('setsid', words, {
    // bash takes a socket at its standard input for a remote shell, and reads the machine's own settings.
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const told = existsSync(result) ? readFileSync(result, 'utf8') : '';
  return { status, stderr, copied: told === '' ? undefined : parseCopied(told) };
}

export const at = (...path: string[]) => join(volumes.source, ...path);
export const inCopy = (...path: string[]) => join(volumes.target, ...path);

export function write(name: string | Buffer, text = `text of ${name}`): void {
  writeFileSync(Buffer.concat([Buffer.from(`${volumes.source}/`), Buffer.from(name)]), text);
}

export function sql(file: string, text: string): string {
  return sqlite.found ? execFileSync(sqlite.path, ['-batch', '-init', '/dev/null', file, text], { encoding: 'utf8' }) : '';
}

/** A shell that runs the real rsync, and something before or after it. */
export function aroundRsync(before: string, after = ''): Record<string, string> {
  const real = rsync.found ? rsync.path : '';
  return {
    rsync: `#!/bin/bash\nnth=$(cat "${volumes.directory}/nth" 2>/dev/null || echo 0); echo $((nth + 1)) > "${volumes.directory}/nth"\n${before}\n${real} "$@" || exit $?\n${after}\n`,
  };
}

/** It failed with these words, and told no result. */
export function refusal(says: string | RegExp) {
  const stderr: unknown = says instanceof RegExp ? expect.stringMatching(says) : expect.stringContaining(says);
  return { status: 1, stderr, copied: undefined };
}
