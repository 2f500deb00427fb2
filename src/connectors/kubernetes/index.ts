import type { KubernetesCommand } from '../../core/command.ts';
import type { Outcome } from '../../core/output.ts';
import { createDoor } from './door.ts';
import type { KubernetesAccess, Learn } from './identity.ts';

export type { KubernetesAccess } from './identity.ts';
export { describeAccess } from './identity.ts';

export interface KubernetesOptions {
  /** The identity that may only look. */
  readonly read: KubernetesAccess;
  /** The identity that may change. */
  readonly change: KubernetesAccess;
  /** After this time without a connection the server counts as unreachable. */
  readonly connectTimeoutMs?: number;
  /** Is told every token and key of both identities before anything is asked with one. */
  readonly learn?: Learn;
}

export interface Kubernetes {
  /** Asks as the reading identity. A read whose connection is reset before an answer is asked once more. Never rejects. */
  readonly read: (command: KubernetesCommand) => Promise<Outcome>;
  /** Sends once as the changing identity, and never again, whatever happens. Never rejects. */
  readonly change: (command: KubernetesCommand) => Promise<Outcome>;
  /** Ends the reads that are under way and closes their connections; a change under way ends by itself. */
  readonly close: () => Promise<void>;
}

/** A connector to one API server. Outcomes are shaped like kubectl's; each call ends by its command's `timeoutMs`. */
export function createKubernetes({
  read,
  change,
  connectTimeoutMs = 3_000,
  learn = () => undefined,
}: KubernetesOptions): Kubernetes {
  const reading = createDoor(read, { role: 'read', connectTimeoutMs, learn });
  const changing = createDoor(change, { role: 'change', connectTimeoutMs, learn });
  return {
    read: async (command) => {
      // What is read may repeat the token of the other identity.
      await changing.prepare();
      return reading.ask(command);
    },
    change: changing.ask,
    close: async () => {
      await Promise.all([reading.close(), changing.close()]);
    },
  };
}
