import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SshCommand } from '../../src/core/command.ts';
import { quote } from '../../src/core/quote.ts';
import { leftOut, sampled } from '../depth.ts';
import { fc } from '../seed.ts';
import { projectFiles, root } from '../tree.ts';
import { refusedLines } from './refused-lines.ts';
import { hostilePaths } from './sample-arguments.ts';
import { sshChanges, sshReads } from './samples.ts';

const source = join(root, 'deploy/ssh/storagebot-read');
const rules = readFileSync(source, 'utf8').match(/^(user|root) .*$/gm) ?? [];

let directory: string;
let script: string;

/** Each program is a recorder that prints its name and arguments, ended by NUL; only these can be found by name. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'storagebot-read-'));
  script = join(directory, 'storagebot-read');
  copyFileSync(source, script);
  chmodSync(script, 0o755);
  mkdirSync(join(directory, 'bin'));
  for (const program of new Set(sshReads.map(({ argv }) => withoutSudo(argv)[0])))
    stub(program ?? '', `printf '%s\\0' "\${0##*/}" "$@"`);
  stub('sudo', `[ "$1" = --non-interactive ] || exit 99; shift; exec /usr/bin/env -i PATH="$PATH" "$@"`);
});

afterAll(() => rmSync(directory, { recursive: true }));

function stub(program: string, text: string): void {
  const path = join(directory, 'bin', program);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** What sshd does for a key with a forced command. `shell` runs the script instead of the sh that it names. */
function ask(line: string, shell: readonly string[] = []): { exitCode: number | null; ran: string[]; stderr: string } {
  const [program, ...rest] = [...shell, script];
  const { status, stdout, stderr } = spawnSync(program ?? script, rest, {
    cwd: directory,
    env: { PATH: join(directory, 'bin'), SSH_ORIGINAL_COMMAND: line },
    encoding: 'utf8',
    timeout: 10_000,
  });
  return { exitCode: status, ran: stdout.split('\0').slice(0, -1), stderr };
}

const refused = { exitCode: 126, ran: [], stderr: expect.stringMatching(/^storagebot-read: refused: .+\n$/) };

/** The line as it is sent, without the input of the command. */
function sent({ argv }: SshCommand): string {
  return argv.map(quote).join(' ');
}

function withoutSudo(argv: readonly string[]): readonly string[] {
  return argv[0] === 'sudo' ? argv.slice(2) : argv;
}

function expectRefused(line: string): void {
  expect(ask(line), line).toEqual(refused);
}

/** Those of these that are installed: FreeBSD's and Debian's sh are close relatives, bash and busybox are not. */
const shells = [['/bin/sh'], ['/bin/bash', '--posix'], ['/bin/busybox', 'sh']].filter(([path = '']) => isExecutable(path));

/** Each starts a shell, which takes some 15 ms. */
const MOST_LINES = 60;

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('run by %s, the reading key', (_name, shell) => {
  test.each(sampled(sshReads, MOST_LINES).map((command) => [sent(command), command] as const))(
    'lets %s through, with exactly its arguments',
    (line, { argv }) => {
      const { exitCode, ran, stderr } = ask(line, shell);
      expect({ exitCode, ran, stderr }).toEqual({ exitCode: 0, ran: [...withoutSudo(argv)], stderr: '' });
    },
  );
});

test('the reading key lets every command through that a recorded run sent over SSH', () => {
  const recorded = projectFiles()
    .filter((path) => /^runbooks\/.*\/recordings\/.*\.json$/.test(path))
    .flatMap((path) => Object.keys(JSON.parse(readFileSync(join(root, path), 'utf8')) as object));
  // What goes to an API does not go over SSH.
  const overSsh = recorded.filter((line) => !/^(cluster|proxmox|prometheus|alertmanager)\$ /.test(line));
  const lines = [...new Set(overSsh.map((line) => line.replace(/^\S+\$ /, '')))];
  expect(lines.length).toBeGreaterThan(20);
  expect(sampled(lines, MOST_LINES).filter((line) => ask(line).exitCode !== 0)).toEqual([]);
});

const PROBE_EACH =
  rules.join('\n').match(/sh -c '(i=0; for point do [^']*)'/)?.[1] ?? 'the script that probes mounts is not allowed';

test('the script that probes mounts is the one that is refused in any other form below', () => {
  expect(ask(`timeout -k 1 6 sh -c '${PROBE_EACH}' probe /mnt/main`).ran.slice(-2)).toEqual(['probe', '/mnt/main']);
});

describe('the reading key refuses', () => {
  test.each(sampled(sshChanges.map(sent), MOST_LINES))('the change %s', expectRefused);

  test.each(refusedLines(PROBE_EACH))('%j', expectRefused);

  test('whatever follows a command that it knows', () => {
    const suffix = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
    const fixed = rules.filter((rule) => !rule.includes("'{")).map((rule) => rule.replace(/^\S+ /, ''));
    fc.assert(
      fc.property(fc.constantFrom(...fixed), suffix, (line, more) => {
        expect(ask(line + more)).toEqual(refused);
      }),
      { numRuns: 60 },
    );
  });
});

test('a path of any printable characters arrives as it is', () => {
  const path = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => `/${text}`);
  const printable = path.filter((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u.test(text));
  fc.assert(
    fc.property(printable, (wanted) => {
      const argv = ['timeout', '-k', '1', '4', 'stat', '--cached=never', '--format=%u:%g', wanted];
      expect(ask(argv.map(quote).join(' ')).ran).toEqual(argv);
    }),
    { numRuns: 60 },
  );
});

test('as root, through sudo, the script checks the command again', () => {
  const { status, stdout } = spawnSync(script, ['reboot'], { env: { PATH: join(directory, 'bin') }, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 126, stdout: '' });
});

describe('the list of reading commands', () => {
  test.each(rules)('%s: the bot has such a command', (rule) => {
    const [, ...wanted] = wordsOf(rule);
    expect(sshReads.some(({ argv }) => fitsRule(withoutSudo(argv), wanted))).toBe(true);
  });

  test('is not empty and names no command twice', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect(new Set(rules).size).toBe(rules.length);
  });

  test.each(rules.filter((rule) => rule.startsWith('user ')))('%s: never needs root', (rule) => {
    const [, ...wanted] = wordsOf(rule);
    expect(sshReads.filter(({ argv }) => argv[0] === 'sudo' && fitsRule(withoutSudo(argv), wanted))).toEqual([]);
  });
});

test('the sudoers file names the script alone, without a wildcard', () => {
  const lines = readFileSync(join(root, 'deploy/ssh/storagebot.sudoers'), 'utf8').match(/^[^#\n].*$/gm) ?? [];
  expect(lines.map((line) => line.replace(/secure_path=.*/, 'secure_path'))).toEqual([
    `Defaults!/usr/local/bin/${basename(source)} env_reset, !requiretty, secure_path`,
    `storagebot-read ALL=(root) NOPASSWD: /usr/local/bin/${basename(source)}`,
  ]);
  expect(lines.join('\n')).not.toMatch(/[*?[]/);
});

/** A rule is written as the bot writes a command line. */
function wordsOf(rule: string): string[] {
  const words = rule.match(/(?:'[^']*'|\\'|[^' \\])+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|\\(')/g, (_all, quoted?: string, quote?: string) => quoted ?? quote ?? ''),
  );
}

/** Whether a command has the rule's fixed words where the rule has them. */
function fitsRule(argv: readonly string[], rule: readonly string[]): boolean {
  const open = rule.at(-1) === '{paths}' && argv.length >= rule.length;
  return (open || argv.length === rule.length) && rule.every((word, index) => /^\{.+\}$/.test(word) || word === argv[index]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

test('the hostile paths are hostile', () => {
  expect(hostilePaths.filter((path) => quote(path) !== path).length).toBeGreaterThan(5);
});

leftOut(
  'every line of the reading key by every shell',
  `${MOST_LINES} of ${sshReads.length} samples and of the recorded lines are tried`,
);
