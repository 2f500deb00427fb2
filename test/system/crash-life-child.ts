import { flushCompileCache } from 'node:module';
import type { Command } from '../../src/core/command.ts';
import type { Outcome } from '../../src/core/output.ts';
import type { LifeRequest, Point } from './crash-life.ts';
import { live } from './crash-life.ts';

/** One life that ends itself at the given occurrence of a point. The world is in the parent: it does not die with the bot. */
export interface ToChild {
  readonly begin?: { readonly request: LifeRequest; readonly kill: { readonly point: Point; readonly nth: number } };
  readonly answer?: { readonly id: number; readonly outcome: Outcome };
}

export interface ToParent {
  readonly ask: { readonly id: number; readonly intent: 'read' | 'change'; readonly command: Command };
}

flushCompileCache();
const asked = new Map<number, (outcome: Outcome) => void>();

function ask(intent: 'read' | 'change', command: Command): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const id = asked.size;
  asked.set(id, resolve);
  const message: ToParent = { ask: { id, intent, command } };
  process.send?.(message);
  return promise;
}

async function begin({ request, kill }: NonNullable<ToChild['begin']>): Promise<void> {
  let times = 0;
  const point = (name: Point) => {
    if (name === kill.point && (times += 1) === kill.nth) process.kill(process.pid, 'SIGKILL');
  };
  const targets = {
    read: (command: Command) => ask('read', command),
    change: (command: Command) => ask('change', command),
    close: async () => undefined,
  };
  await live(request, { targets, point });
  process.disconnect();
}

process.on('message', ({ begin: wanted, answer }: ToChild) => {
  if (wanted !== undefined) void begin(wanted);
  if (answer !== undefined) asked.get(answer.id)?.(answer.outcome);
});
