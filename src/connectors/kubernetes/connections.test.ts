import { RequestContext } from '@kubernetes/client-node';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import { connectionsOf, keepConnections } from './connections.ts';

function contextWith(dispatcher?: Agent): RequestContext {
  const context = new RequestContext('https://127.0.0.1/version', 'GET');
  if (dispatcher !== undefined) context.setDispatcher(dispatcher);
  return context;
}

test('connections are kept for a minute, then those with the newest certificates are used and the old ones closed', async () => {
  let nowMs = 0;
  const kept = keepConnections(() => nowMs);
  const [first, second, third] = [new Agent(), new Agent(), new Agent()];
  expect(kept.for(contextWith(first), false).dispatcher).toBe(first);
  nowMs = 59_999;
  expect(kept.for(contextWith(second), false).dispatcher).toBe(first);
  nowMs = 60_000;
  expect(kept.for(contextWith(third), false).dispatcher).toBe(third);
  await kept.close();
  expect([first.closed, second.closed, third.destroyed]).toEqual([true, false, true]);
});

test('whether a connection is made is not judged where it cannot be seen', () => {
  expect(connectionsOf(contextWith(), false).isOpen()).toBe(true);
  expect(connectionsOf(contextWith(new Agent()), true).isOpen()).toBe(true);
  expect(connectionsOf(contextWith(new Agent()), false).isOpen()).toBe(false);
});
