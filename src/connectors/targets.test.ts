import { expect, test } from 'vitest';
import type { Command } from '../core/command.ts';
import { alertmanager, kubernetes, on } from '../core/command.ts';
import { createTargets } from './targets.ts';

const ssh = on({ name: 'truenas', sudo: false }, 1000, 'uptime');
const silences = alertmanager({ method: 'GET', path: '/api/v2/silences' });
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

test('what the configuration does not name is not asked, and the answer says what to add to it', async () => {
  const seen: string[] = [];
  const rest = { ssh: connector('ssh', seen), kubernetes: connector('kubernetes', seen) };
  expect(await createTargets(rest).read(silences)).toMatchObject({
    failed: 'not-configured',
    toDo: 'Add alerts.alertmanager to the configuration.',
  });
  await createTargets({ ...rest, alertmanager: connector('alertmanager', seen) }).read(silences);
  expect(seen).toEqual(['alertmanager read']);
});
