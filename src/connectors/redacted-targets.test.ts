import { expect, test } from 'vitest';
import type { Command } from '../core/command.ts';
import { on } from '../core/command.ts';
import type { Outcome } from '../core/output.ts';
import type { Targets } from '../core/ports.ts';
import { createClean } from '../redaction/index.ts';
import { RedactedTargets } from './redacted-targets.ts';

const host = { name: 'truenas', sudo: false };
const clean = createClean(() => ['canary-of-ours']);

function answering(outcome: Outcome) {
  const sent: Command[] = [];
  const answer = async (command: Command) => {
    sent.push(command);
    return outcome;
  };
  const targets: Targets = { read: answer, change: answer, close: async () => undefined };
  return { sent, targets: new RedactedTargets(targets, clean) };
}

test.each<Outcome>([
  { exitCode: 0, stdout: 'X=canary-of-ours', stderr: 'canary-of-ours' },
  { exitCode: 1, stdout: 'MYSQL_PWD=canary-of-theirs', stderr: 'mysql: password=canary-of-theirs' },
  { failed: 'cut', says: 'It said canary-of-ours.', toDo: 'Look at canary-of-ours.' },
  { failed: 'cut', says: 'It said token=canary-of-theirs', toDo: 'Look at https://user:canary-of-theirs@host/.' },
])('a secret that a host prints goes no further, ours or not: %j', async (outcome) => {
  const { targets } = answering(outcome);
  for (const seen of [await targets.read(on(host, 1000, 'env')), await targets.change(on(host, 1000, 'env'))]) {
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(Object.values(seen).filter((text) => String(text).includes('[secret]'))).toHaveLength(2);
  }
});

test('an outcome without a secret arrives as it is', async () => {
  const outcome = { exitCode: 0, stdout: 'a  b\n', stderr: '' };
  expect(await answering(outcome).targets.read(on(host, 1000, 'ls'))).toEqual(outcome);
});

test('a change that holds a secret is not sent, because nobody was shown what they approved', async () => {
  const { sent, targets } = answering({ exitCode: 0, stdout: '', stderr: '' });
  const outcome = await targets.change(on(host, 1000, 'tool', '--password', 'canary'));
  expect(outcome).toMatchObject({ failed: 'forbidden', says: expect.stringContaining('tool --password [secret]') });
  expect(JSON.stringify(outcome)).not.toContain('canary');
  expect(sent).toEqual([]);
});

test('a change that was made from a cleaned output is not sent: it would name something else', async () => {
  const { sent, targets } = answering({ exitCode: 0, stdout: '/mnt/main/token=abc\n', stderr: '' });
  const listed = await targets.read(on(host, 1000, 'ls', '/mnt/main'));
  const path = 'stdout' in listed ? listed.stdout.trim() : '';
  expect(path).toBe('/mnt/main/token=[secret]');
  expect(await targets.change(on(host, 1000, 'mkdir', path))).toMatchObject({ failed: 'forbidden' });
  expect(sent).toHaveLength(1);
});
