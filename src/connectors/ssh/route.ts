import type { Failure } from '../../core/output.ts';
import { hasFailed } from './failures.ts';
import type { ResolveHost, SshEndpoint } from './types.ts';

/** The endpoint of a host, once its chain of jump hosts is known to end. */
export async function routeTo(host: string, resolve: ResolveHost): Promise<SshEndpoint | Failure> {
  const endpoint = await resolve(host);
  const passed = [host];
  let last = endpoint;
  while (!hasFailed(last) && last.jump !== undefined) {
    if (passed.includes(last.jump)) return loop([...passed, last.jump]);
    passed.push(last.jump);
    last = await resolve(last.jump);
  }
  return hasFailed(last) ? last : endpoint;
}

function loop(passed: readonly string[]): Failure {
  return {
    failed: 'not-configured',
    says: `The way to ${passed[0]} goes in a circle: ${passed.join(' → ')}.`,
    toDo: `Correct "jump" of one of these hosts in storagebot.yaml.`,
  };
}
