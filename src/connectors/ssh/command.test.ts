import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/seed.ts';
import { fake, nas, ok, sshTo, to } from '../../../test/system/ssh-harness.ts';

describe('a command', () => {
  it('gives its exit code, standard output and standard error', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    const outcome = await ssh.read(nas('sh', '-c', 'echo out; echo err >&2; exit 3'));
    expect(outcome).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('arrives with exactly its arguments, whatever is in them', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '',
        "'",
        '"',
        '$(id)',
        '`id`',
        '; rm -rf /',
        '$HOME',
        '\\',
        "'\\''",
        '*',
        '~',
        '-n',
        '!!',
        '#',
        '\n',
        '\t',
        '&&',
        '<<<',
      ),
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '!', '*', 'é', '😀') }),
    );
    const property = fc.asyncProperty(fc.array(hostile.filter(isSendable), { maxLength: 6 }), async (words) => {
      const outcome = await ssh.read(nas('printf', '%s\\000', 'first', ...words));
      expect(outcome).toEqual(ok(['first', ...words].map((word) => `${word}\0`).join('')));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('gets its input line and a line feed on standard input, then the end of it', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    const input = `{"a":"it's $HOME"}`;
    expect(await ssh.change({ ...nas('cat'), input })).toEqual(ok(`${input}\n`));
    expect(await ssh.read(nas('cat'))).toEqual(ok(''));
  });

  it('gives both streams whole, in the order of each, when they are long', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    const line = 'i=0; while [ $i -lt 9000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
    const lines = (word: string): string => Array.from({ length: 9000 }, (_, n) => `${word} ${n}\n`).join('');
    expect(await ssh.read(nas('sh', '-c', line))).toEqual({ exitCode: 0, stdout: lines('out'), stderr: lines('err') });
  });

  it('replaces bytes that are not UTF-8', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    expect(await ssh.read(nas('printf', 'a\\377b'))).toEqual(ok('a\uFFFDb'));
  });

  it('that a signal ended has 128 and its number as exit code', async () => {
    const ssh = sshTo({ nas: to(await fake()) });
    expect(await ssh.read(nas('sh', '-c', 'kill -KILL $$'))).toMatchObject({ exitCode: 137 });
    expect(await ssh.read(nas('sh', '-c', 'kill -TERM $$'))).toMatchObject({ exitCode: 143 });
  });

  it('that ended without an exit status has no outcome', async () => {
    const ssh = sshTo({ nas: to(await fake({ onExec: (_line, channel) => channel.end('half') })) });
    expect(await ssh.read(nas('df'))).toMatchObject({ failed: 'cut', says: 'nas closed the channel without an exit status.' });
  });

  it('that prints more than the limit is cut, never shortened', async () => {
    const ssh = sshTo({ nas: to(await fake()) }, { limits: { maxOutputBytes: 100_000 } });
    expect(await ssh.read(nas('head', '-c', '100000', '/dev/zero'))).toMatchObject({ exitCode: 0 });
    expect(await ssh.read(nas('head', '-c', '100001', '/dev/zero'))).toMatchObject({
      failed: 'cut',
      says: expect.stringContaining('100000'),
    });
    expect(await ssh.read(nas('echo', 'next'))).toEqual(ok('next\n'));
  });

  it('that the host refuses to start is forbidden', async () => {
    const server = await fake({ exec: 'refuse' });
    expect(await sshTo({ nas: to(server) }).read(nas('id'))).toMatchObject({
      failed: 'forbidden',
      says: 'nas did not accept the command.',
    });
  });

  it('for a host that nobody knows is not sent', async () => {
    const ssh = sshTo({});
    expect(await ssh.read(nas('id'))).toMatchObject({ failed: 'not-configured', says: 'Nobody knows that host.' });
    expect(await ssh.change(nas('id'))).toMatchObject({ failed: 'not-configured', says: expect.stringContaining('did not run') });
  });
});

/** A NUL cannot be an argument, and half a surrogate pair is no text. */
function isSendable(word: string): boolean {
  return !word.includes('\0') && word.isWellFormed();
}
