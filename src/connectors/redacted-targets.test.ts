import { expect, test } from 'vitest';
import { on } from '../core/command.ts';
import type { Outcome } from '../core/output.ts';
import { redactedTargets } from './redacted-targets.ts';

const command = on({ name: 'truenas', sudo: false }, 1000, 'env');

test.each<Outcome>([
  { exitCode: 0, stdout: 'TOKEN=canary', stderr: 'canary' },
  { failed: 'cut', says: 'It said canary.', toDo: 'Look at canary.' },
])('a secret of ours that a host prints goes no further: %j', async (outcome) => {
  const targets = { read: async () => outcome, change: async () => outcome, close: async () => undefined };
  const { read, change } = redactedTargets(targets, (text) => text.replaceAll('canary', '[secret]'));
  for (const seen of [await read(command), await change(command)]) {
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(JSON.stringify(seen)).toContain('[secret]');
  }
});
