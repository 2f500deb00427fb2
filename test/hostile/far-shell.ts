import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ssh, SshEndpoint } from '../../src/connectors/ssh/index.ts';
import { createSsh } from '../../src/connectors/ssh/index.ts';
import type { SshCommand } from '../../src/core/command.ts';
import { defineRead, on } from '../../src/core/command.ts';
import { isFailure } from '../../src/core/output.ts';
import { TooLong } from '../../src/core/quote.ts';
import { portion } from '../depth.ts';
import { newKeyPair } from '../lab/site/keys.ts';
import { fc, seed } from '../seed.ts';
import type { Sshd } from '../system/sshd.ts';
import { startSshd } from '../system/sshd.ts';
import type { Count } from './count.ts';
import { armed, corpus, hostileText, isSendable } from './texts.ts';

/** The shell of whoever runs the tests. */
const LOGIN = 'login shell';

const NAS = { name: 'nas', sudo: false };

/** Those of these that the machine has are tried one after the other, next to the login shell of whoever runs the tests. */
const SHELLS = ['/bin/bash', '/bin/dash', '/bin/zsh', '/bin/ksh', '/bin/mksh'].filter((path) => existsSync(path));

const WORDS_IN_COMMAND = 30;
/** Different texts for the login shell; each of the others gets the first of them. */
const WORDS = portion(5_400);
const WORDS_OF_OTHERS = portion(900);

/** The kernel's own record of the argument list, then all of standard input. */
const REPORTER = '#!/bin/sh\ncat /proc/$$/cmdline\nprintf "\\0"\ncat\n';

interface Batch {
  readonly words: readonly string[];
  readonly input: string;
}

interface Site {
  readonly sshd: Sshd;
  readonly ssh: Ssh;
  /** Nothing may ever appear in it. */
  readonly watched: string;
  readonly reporter: string;
  readonly texts: readonly string[];
}

export function throughRealShells(sshdPath: string, count: Count): void {
  let site: Site;
  beforeAll(async () => {
    site = await siteWith(sshdPath);
  });
  afterAll(async () => {
    await site.ssh.close();
    await site.sshd.stop();
  });

  test.each([LOGIN, ...SHELLS])('arrives as it is, and executes nothing: %s', async (shell) => {
    const texts = shell === LOGIN ? site.texts : site.texts.slice(0, WORDS_OF_OTHERS);
    const batches = batchesOf(texts);
    const heard = await Promise.all(batches.map((batch) => heardBy(site, shell, batch)));
    const wrong = batches.filter((batch, index) => heard[index] !== meant(site, batch));
    expect(wrong.slice(0, 1), `seed ${seed}`).toEqual([]);
    expect(readdirSync(site.watched), `seed ${seed}`).toEqual([]);
    if (shell === LOGIN) count.add('shell', new Set(texts).size);
  });

  test('never makes an answer of a line that is too long for any shell', async () => {
    const huge = 'x'.repeat(2 ** 20);
    const outcome = await site.ssh.read({ ...reporting(site, LOGIN, { words: [], input: '' }), argv: ['true', huge] });
    expect(isFailure(outcome) || outcome.exitCode !== 0).toBe(true);
    expect(() => defineRead({ asks: '', command: on(NAS, 1_000, 'true', huge), answers: [0], parse: () => 0 })).toThrow(TooLong);
  });

  test.each(['a;touch @CANARY@', '$(touch @CANARY@)', 'a\ntouch @CANARY@', '`touch @CANARY@`', 'a>@CANARY@', "it's"])(
    'would be seen here if words were joined by blanks: %j',
    async (text) => {
      const watched = mkdtempSync(join(site.sshd.directory, 'control-'));
      const batch = { words: [armed(text, watched)], input: '' };
      const line = [site.reporter, ...batch.words].join(' ');
      const outcome = await site.ssh.read({ ...reporting(site, LOGIN, batch), argv: ['sh', '-c', line] });
      expect(isFailure(outcome) ? '' : outcome.stdout).not.toBe(meant(site, batch));
      expect(readdirSync(watched)).toEqual(text.includes('@CANARY@') ? ['executed'] : []);
    },
  );
}

async function siteWith(sshdPath: string): Promise<Site> {
  const sshd = await startSshd(sshdPath, 'MaxSessions 20');
  const watched = join(sshd.directory, 'watched');
  mkdirSync(watched);
  const reporter = join(sshd.directory, 'report');
  writeFileSync(reporter, REPORTER);
  chmodSync(reporter, 0o755);
  const endpoints = new Map([[LOGIN, sshd.endpoint], ...SHELLS.map((shell) => [shell, endpointOf(sshd, shell)] as const)]);
  const unknown = { failed: 'not-configured', says: 'No such shell.', toDo: '' } as const;
  const ssh = createSsh({ resolve: async (host) => endpoints.get(host) ?? unknown });
  return { sshd, ssh, watched, reporter, texts: textsOf(watched) };
}

/** A key of its own, whose commands this shell reads as a login shell would. */
function endpointOf(sshd: Sshd, shell: string): SshEndpoint {
  const { private: privateKey, public: publicKey } = newKeyPair();
  const command = `cd ${sshd.directory}/watched && exec ${shell} -c \\"$SSH_ORIGINAL_COMMAND\\"`;
  appendFileSync(join(sshd.directory, 'user.pub'), `command="${command}" ${publicKey}\n`);
  const identity = { user: sshd.endpoint.read.user, privateKey };
  return { ...sshd.endpoint, read: identity, change: identity };
}

/** Different texts, the whole corpus among them. */
function textsOf(watched: string): readonly string[] {
  const made = fc.sample(hostileText, { numRuns: WORDS * 2, seed });
  const texts = [...new Set([...corpus, ...corpus.map((text) => `a${text}b`), ...made])];
  return texts
    .filter(isSendable)
    .slice(0, WORDS)
    .map((text) => armed(text, watched));
}

function batchesOf(texts: readonly string[]): Batch[] {
  return Array.from({ length: Math.ceil(texts.length / WORDS_IN_COMMAND) }, (_, index) => {
    const words = texts.slice(index * WORDS_IN_COMMAND, (index + 1) * WORDS_IN_COMMAND);
    return { words, input: words.toReversed().join('') };
  });
}

async function heardBy({ ssh, ...site }: Site, shell: string, batch: Batch): Promise<string> {
  const outcome = await ssh.read(reporting({ ssh, ...site }, shell, batch));
  return isFailure(outcome) ? outcome.says : outcome.stdout;
}

function reporting({ reporter }: Site, shell: string, { words, input }: Batch): SshCommand {
  return { via: 'ssh', host: shell, argv: [reporter, ...words], input, timeoutMs: 15_000 };
}

/** What the reporter prints when it got just this. */
function meant({ reporter }: Site, { words, input }: Batch): string {
  return ['/bin/sh', reporter, ...words, '', `${input}\n`].join('\0');
}
