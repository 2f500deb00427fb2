import { z } from 'zod';
import { ServiceName } from '../core/service-name.ts';

/** What was asked about. Of `either` the cluster decides: a node has the first claim to its name. */
export const Asked = z.strictObject({ kind: z.enum(['all', 'node', 'service', 'either']), name: ServiceName });
export type Asked = z.output<typeof Asked>;

/** `service X` and `node X` say what X is; alone, `all` is the whole cluster. */
export function fromWords([first = 'all', ...more]: readonly string[]): unknown {
  if (first === 'all' && more.length === 0) return { kind: 'all', name: 'all' };
  if ((first === 'node' || first === 'service') && more.length > 0) return { kind: first, name: more.join(' ') };
  return { kind: 'either', name: [first, ...more].join(' ') };
}
