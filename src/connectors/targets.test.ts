import { expect, test } from 'vitest';
import type { Command } from '../core/command.ts';
import { kubernetes, on } from '../core/command.ts';
import { createTargets } from './targets.ts';

const ssh = on({ name: 'truenas', sudo: false }, 1000, 'uptime');
const list = kubernetes({ verb: 'list', resource: { apiVersion: 'v1', plural: 'nodes', namespaced: false } });

function connector(name: string, seen: string[]) {
  const answer = (how: string) => async (_command: Command) => {
    seen.push(`${name} ${how}`);
    return { exitCode: 0, stdout: name, stderr: '' };
  };
  return { read: answer('read'), change: answer('change'), close: async () => void seen.push(`${name} close`) };
}

test('each command goes to the connector for its target, with the identity that was asked for', async () => {
  const seen: string[] = [];
  const targets = createTargets({ ssh: connector('ssh', seen), kubernetes: connector('kubernetes', seen) });
  await targets.read(ssh);
  await targets.change(ssh);
  await targets.read(list);
  await targets.change(list);
  await targets.close();
  expect(seen).toEqual(['ssh read', 'ssh change', 'kubernetes read', 'kubernetes change', 'ssh close', 'kubernetes close']);
});
